// Several processes at one folder store.

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <set>
#include <spawn.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "sleeper/store/folder_store.h"
#include "sleeper/store/temporary_file.h"
#include "sleeper/store/testing/temporary_folder.h"

extern char** environ;

namespace sleeper::store {
namespace {

/// A running folder_actor. Killed and waited for by the destructor.
class Actor {
 public:
  explicit Actor(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SLEEPER_FOLDER_ACTOR);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);

    int input[2];
    int output[2];
    SLEEPER_CHECK(pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0, "cannot make pipes");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    SLEEPER_CHECK(posix_spawn(&process_, pointers[0], &actions, nullptr, pointers.data(), environ) == 0,
                  "cannot start");
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    input_ = FileDescriptor(input[1]);
    output_ = FileDescriptor(output[0]);
  }

  ~Actor() {
    if (process_ > 0) Kill();
  }
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  /// The next line that the actor prints; empty when it prints no more.
  std::string ReadLine() {
    std::string line;
    for (char byte = 0; read(output_.number(), &byte, 1) == 1 && byte != '\n';) line += byte;
    return line;
  }

  void CloseInput() { input_ = FileDescriptor(); }

  /// Ends the actor as a power cut would end a process.
  void Kill() {
    kill(process_, SIGKILL);
    Wait();
  }

  /// Waits for the end; returns the exit status.
  int Wait() {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return status;
  }

 private:
  pid_t process_ = -1;
  FileDescriptor input_;
  FileDescriptor output_;
};

class FolderProcessTest : public testing::Test {
 protected:
  std::string Read(const std::string& path) {
    const Result<Object> object = store_->Get(ObjectPath(path), call_);
    return object.ok() ? std::string(object->bytes.view()) : "<absent>";
  }

  size_t TemporaryFiles() const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(root_ + "/" + kTemporaryFolder))
      count += entry.is_regular_file();
    return count;
  }

  void RaceFourProcesses(const std::string& how);

  TemporaryFolder folder_;
  const std::string root_ = folder_.Inside("root");
  SystemClock clock_;
  SystemRandom random_;
  CallContext call_;
  std::unique_ptr<FolderStore> store_ = FolderStore::Open({root_}, clock_, random_).ValueOrDie();
};

void FolderProcessTest::RaceFourProcesses(const std::string& how) {
  constexpr int kObjects = 25;
  std::vector<std::unique_ptr<Actor>> actors;
  for (const char* name : {"ann", "bob", "cat", "dan"}) {
    const std::vector<std::string> arguments = {"create", root_, std::to_string(kObjects), name, how};
    actors.push_back(std::make_unique<Actor>(arguments));
    ASSERT_EQ(actors.back()->ReadLine(), "ready");
  }
  for (const auto& actor : actors) actor->CloseInput();
  const std::vector<std::string> names = {"ann", "bob", "cat", "dan"};
  std::multiset<std::string> created;
  for (size_t i = 0; i < actors.size(); ++i) {
    for (std::string line = actors[i]->ReadLine(); !line.empty(); line = actors[i]->ReadLine()) {
      created.insert(line);
      EXPECT_EQ(Read("race/" + line), names[i]) << "the object holds the bytes of who created it";
    }
    EXPECT_EQ(actors[i]->Wait(), 0);
  }
  EXPECT_EQ(created.size(), size_t{kObjects});
  EXPECT_EQ(std::set<std::string>(created.begin(), created.end()).size(), size_t{kObjects}) << "each was created once";
  EXPECT_EQ(TemporaryFiles(), 0U);
}

TEST_F(FolderProcessTest, OneOfFourProcessesCreatesEachObject) { RaceFourProcesses("single"); }

TEST_F(FolderProcessTest, OneOfFourProcessesCreatesEachStreamedObject) { RaceFourProcesses("streamed"); }

TEST_F(FolderProcessTest, AProcessKilledInTheMiddleOfAStreamedWriteLeavesNoObject) {
  Actor actor({"stall", root_, "tables/big"});
  ASSERT_EQ(actor.ReadLine(), "ready");
  actor.Kill();
  EXPECT_EQ(Read("tables/big"), "<absent>");
  EXPECT_THAT(store_->List(ObjectPath(""), ObjectPath(""), 10, call_)->objects, testing::IsEmpty());
  EXPECT_EQ(TemporaryFiles(), 1U);

  ASSERT_TRUE(store_->DropAbandonedWrites(ObjectPath("tables/other"), Duration::zero(), call_).ok());
  ASSERT_TRUE(store_->DropAbandonedWrites(ObjectPath("tables/"), std::chrono::hours(1), call_).ok());
  EXPECT_EQ(TemporaryFiles(), 1U) << "neither of the prefix nor of the age";
  ASSERT_TRUE(store_->DropAbandonedWrites(ObjectPath("tables/"), Duration::zero(), call_).ok());
  EXPECT_EQ(TemporaryFiles(), 0U);
  EXPECT_EQ(*store_->Put(ObjectPath("tables/big"), Buffer::CopyOf("whole"), PutMode::kIfAbsent, call_),
            PutOutcome::kCreated);
}

}  // namespace
}  // namespace sleeper::store
