#include "sleeper/store/probe_bench.h"

#include <algorithm>
#include <atomic>

#include "sleeper/base/event.h"
#include "sleeper/base/task_group.h"
#include "sleeper/store/probe_store.h"

namespace sleeper::store {
namespace {

constexpr int kRacers = 8;
/// A listing that goes in circles ends there.
constexpr int kPagesMax = 100;
/// What another probe made is left alone for so long: it may still run.
constexpr Duration kLeftoverAge = std::chrono::hours(24);
constexpr std::string_view kNoObject = "(no object)";

}  // namespace

ObjectPath ProbeBench::Path(std::string_view name) {
  ObjectPath path(root_ + std::string(name));
  made_.insert(path);
  return path;
}

Result<PutOutcome> ProbeBench::Create(const ObjectPath& path, std::string_view text) {
  return store_.Put(path, Buffer::CopyOf(text), PutMode::kIfAbsent, call_);
}

Result<PutOutcome> ProbeBench::Replace(const ObjectPath& path, std::string_view text) {
  return store_.Put(path, Buffer::CopyOf(text), PutMode::kReplace, call_);
}

Result<PutOutcome> ProbeBench::Stream(const ObjectPath& path, std::string_view text) {
  TRY_ASSIGN(const auto writer, store_.OpenWriter(path, PutMode::kIfAbsent, call_));
  TRY(writer->Append(Buffer::CopyOf(text), call_));
  return writer->Finish(call_);
}

Result<std::string> ProbeBench::Read(const ObjectPath& path) {
  const Result<Object> object = store_.Get(path, call_);
  if (IsKind(object.status(), ErrorKind::kNotFound)) return std::string(kNoObject);
  TRY(object.status());
  return std::string(object->bytes.view());
}

Result<std::vector<std::string>> ProbeBench::Names(std::string_view prefix, int keys_max, std::string_view after) {
  std::vector<std::string> names;
  ObjectPath last(after.empty() ? "" : root_ + std::string(after));
  for (int i = 0; i < kPagesMax; ++i) {
    TRY_ASSIGN(const ListPage page, store_.List(ObjectPath(root_ + std::string(prefix)), last, keys_max, call_));
    for (const ObjectInfo& object : page.objects) names.push_back(object.path.value().substr(root_.size()));
    if (!page.more || page.objects.empty()) return names;
    last = page.objects.back().path;
  }
  return Error(ErrorKind::kInternal, "the pages of the listing have no end");
}

Status ProbeBench::Delete(const ObjectPath& path) { return store_.Delete(std::span(&path, 1), call_); }

Status ProbeBench::Race(const ObjectPath& path, const CreateFunction& create) {
  Event start(executor_);
  std::atomic<int> created = 0;
  std::atomic<int> winner = 0;
  const auto text_of = [](int racer) { return "written by racer " + std::to_string(racer); };
  TaskGroup group(executor_);
  for (int racer = 0; racer < kRacers; ++racer) {
    group.RunStage([&, racer]() -> Status {
      start.Wait();
      TRY_ASSIGN(const PutOutcome outcome, create(path, text_of(racer)));
      if (outcome == PutOutcome::kExists) return Status::OK();
      ++created;
      winner = racer;
      return Status::OK();
    });
  }
  start.Set();
  TRY(group.Join());
  if (created != 1) {
    return Error(ErrorKind::kInternal, "of ", kRacers, " that raced, ", created.load(), " were told that they won");
  }
  TRY_ASSIGN(const std::string text, Read(path));
  if (text == text_of(winner)) return Status::OK();
  return Error(ErrorKind::kInternal, "racer ", winner.load(), " was told that it won, but the object is: ", text);
}

Status ProbeBench::Clear() {
  // By the store's own time, of which the newest object of ours tells.
  TRY_ASSIGN(const ListPage page, store_.List(ObjectPath(std::string(kProbePrefix)), ObjectPath(""), 1000, call_));
  WallTime now{};
  for (const ObjectInfo& object : page.objects) {
    if (!object.path.value().starts_with(root_)) continue;
    now = std::max(now, object.last_modified);
    // A store may have given it another name.
    made_.insert(object.path);
  }
  std::vector<ObjectPath> paths(made_.begin(), made_.end());
  for (const ObjectInfo& object : page.objects) {
    if (object.last_modified < now - kLeftoverAge) paths.push_back(object.path);
  }
  return store_.Delete(paths, call_);
}

}  // namespace sleeper::store
