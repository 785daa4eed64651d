// Another process at a folder store, for tests:
//
//   folder_actor create ROOT COUNT NAME single|streamed   waits for the end of stdin, then tries to create COUNT
//   objects
//                                                          "race/<i>" that hold NAME; prints the numbers of those it
//                                                          created
//   folder_actor stall ROOT PATH                          streams a part of the object PATH, prints "ready", and waits

#include <cstdio>
#include <string>
#include <vector>

#include "sleeper/store/folder_store.h"

namespace sleeper::store {
namespace {

void WaitForEndOfInput() {
  while (std::getchar() != EOF) {
  }
}

void Tell(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

Result<PutOutcome> Create(FolderStore& store, const ObjectPath& path, const std::string& bytes, bool is_streamed) {
  const CallContext call{.caller = "race"};
  if (!is_streamed) return store.Put(path, Buffer::CopyOf(bytes), PutMode::kIfAbsent, call);
  TRY_ASSIGN(const auto writer, store.OpenWriter(path, PutMode::kIfAbsent, call));
  TRY(writer->Append(Buffer::CopyOf(bytes), call));
  return writer->Finish(call);
}

Status Race(FolderStore& store, int count, const std::string& name, bool is_streamed) {
  Tell("ready");
  WaitForEndOfInput();
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    TRY_ASSIGN(const PutOutcome outcome, Create(store, ObjectPath("race/" + number), name, is_streamed));
    if (outcome == PutOutcome::kCreated) Tell(number);
  }
  return Status::OK();
}

Status Stall(FolderStore& store, const ObjectPath& path) {
  const CallContext call{.caller = "stall"};
  TRY_ASSIGN(const auto writer, store.OpenWriter(path, PutMode::kIfAbsent, call));
  TRY(writer->Append(Buffer::FromString(std::string(1 << 20, 'x')), call));
  Tell("ready");
  WaitForEndOfInput();
  return Status::OK();
}

Status Act(const std::vector<std::string>& arguments) {
  if (arguments.size() < 3) return Error(ErrorKind::kInvalid, "usage: folder_actor create|stall ROOT …");
  SystemClock clock;
  SystemRandom random;
  TRY_ASSIGN(const auto store, FolderStore::Open({arguments[1]}, clock, random));
  if (arguments[0] == "create" && arguments.size() == 5) {
    return Race(*store, std::stoi(arguments[2]), arguments[3], arguments[4] == "streamed");
  }
  if (arguments[0] == "stall") return Stall(*store, ObjectPath(arguments[2]));
  return Error(ErrorKind::kInvalid, "unknown act '", arguments[0], "'");
}

}  // namespace
}  // namespace sleeper::store

int main(int argc, char** argv) {
  const sleeper::Status status = sleeper::store::Act({argv + 1, argv + argc});
  if (status.ok()) return 0;
  std::fputs((status.ToString() + "\n").c_str(), stderr);
  return 1;
}
