#include "sleeper/file/background_reads.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::file {
namespace {

using model::Fails;
using model::ValueOf;
using testing::_;
using testing::ElementsAre;

/// Keeps reads waiting until the gate is opened, and counts those that wait.
class GatedStore final : public store::InterceptingStore {
 public:
  GatedStore(store::ObjectStore& inner, Executor& executor) : InterceptingStore(inner), gate_(executor) {}

  void Open() { gate_.Set(); }
  int begun() const {
    MutexLock lock(mutex_);
    return begun_;
  }
  int at_a_time() const {
    MutexLock lock(mutex_);
    return at_a_time_;
  }
  int at_a_time_max() const {
    MutexLock lock(mutex_);
    return at_a_time_max_;
  }

 private:
  Status Before(const store::StoreCall& call) override {
    if (call.function != store::StoreFunction::kGetRange) return Status::OK();
    {
      MutexLock lock(mutex_);
      ++begun_;
      at_a_time_max_ = std::max(at_a_time_max_, ++at_a_time_);
    }
    gate_.Wait();
    MutexLock lock(mutex_);
    --at_a_time_;
    return Status::OK();
  }

  Event gate_;
  mutable Mutex mutex_;
  int begun_ SLEEPER_GUARDED_BY(mutex_) = 0;
  int at_a_time_ SLEEPER_GUARDED_BY(mutex_) = 0;
  int at_a_time_max_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

class BackgroundReadsTest : public testing::Test {
 protected:
  BackgroundReadsTest() { ValueOf(objects_.Put(kPath, Buffer::CopyOf("0123456789"), store::PutMode::kIfAbsent, {})); }

  const store::ObjectPath kPath{"a"};
  SystemClock clock_;
  ThreadExecutor executor_{1, clock_};
  store::MemoryStore objects_{clock_};
  GatedStore gated_{objects_, executor_};
};

TEST_F(BackgroundReadsTest, NoMoreThanAllowedAreOnTheirWayAndEachGetsItsBytes) {
  BackgroundReads reads(gated_, executor_, 2);
  std::vector<std::shared_ptr<BackgroundReads::Answer>> answers;
  for (int64_t offset = 0; offset < 10; offset += 2) answers.push_back(reads.Start(kPath, {offset, 2}, {}));
  gated_.Open();
  std::vector<std::string> texts;
  for (const auto& answer : answers) texts.emplace_back(ValueOf(answer->Wait()).view());
  EXPECT_THAT(texts, ElementsAre("01", "23", "45", "67", "89"));
  EXPECT_LE(gated_.at_a_time_max(), 2);
}

TEST_F(BackgroundReadsTest, AFailureIsTheAnswerOfItsReadAlone) {
  gated_.Open();
  BackgroundReads reads(gated_, executor_, 1);
  const auto missing = reads.Start(store::ObjectPath("b"), {0, 1}, {});
  const auto there = reads.Start(kPath, {3, 1}, {});
  EXPECT_THAT(missing->Wait().status(), Fails(ErrorKind::kNotFound, _));
  EXPECT_EQ(ValueOf(there->Wait()).view(), "3");
}

TEST_F(BackgroundReadsTest, NobodyHasToWaitForWhatWasAskedFor) {
  gated_.Open();
  std::shared_ptr<BackgroundReads::Answer> last;
  {
    BackgroundReads reads(gated_, executor_, 3);
    for (int64_t offset = 0; offset < 10; ++offset) last = reads.Start(kPath, {offset, 1}, {});
  }
  EXPECT_LE(gated_.begun(), 10);
  EXPECT_EQ(gated_.at_a_time(), 0) << "the end waits for what has begun";
}

}  // namespace
}  // namespace sleeper::file
