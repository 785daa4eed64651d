#include "sleeper/store/hedging_store.h"

#include <gmock/gmock.h>

#include "sleeper/base/task_group.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/intercepting_store.h"
#include "tests/virtual_time/virtual_time.h"

namespace sleeper::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A store whose reads take 10 ms, but those that are numbered take as long as is said. A cancelled read ends within a
/// millisecond.
class TailStore final : public InterceptingStore {
 public:
  TailStore(ObjectStore& inner, sim::VirtualTime& time) : InterceptingStore(inner), time_(time) {}

  Result<Buffer> GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) override {
    const int64_t number = ++reads_;
    const auto slow = slow_.find(number);
    const Duration end = time_.now() + (slow == slow_.end() ? milliseconds(10) : slow->second);
    ++flying_;
    Status status = failing_.contains(number) ? Error(ErrorKind::kUnavailable, "reset") : Status::OK();
    while (time_.now() < end && status.ok()) {
      time_.Sleep(milliseconds(1));
      status = call.Check(time_.clock());
    }
    --flying_;
    if (IsKind(status, ErrorKind::kCancelled)) ++cancelled_;
    TRY(status);
    return inner().GetRange(path, range, call);
  }

  void MakeSlow(int64_t number, Duration duration) { slow_[number] = duration; }
  void MakeFail(int64_t number) { failing_.insert(number); }
  int64_t reads() const { return reads_; }
  int64_t cancelled() const { return cancelled_; }
  int64_t flying() const { return flying_; }

 private:
  Status Before(const StoreCall& /*call*/) override { return Status::OK(); }

  sim::VirtualTime& time_;
  std::map<int64_t, Duration> slow_;
  std::set<int64_t> failing_;
  int64_t reads_ = 0;
  int64_t cancelled_ = 0;
  int64_t flying_ = 0;
};

/// After 200 reads the usual time is known, and some second requests are saved up.
class HedgingStoreTest : public testing::Test {
 protected:
  static constexpr int kLearned = 200;

  HedgingStoreTest() {
    EXPECT_TRUE(memory_.Put(kPath, Buffer::CopyOf("0123456789"), PutMode::kIfAbsent, CallContext()).ok());
  }

  void Run(const std::function<void()>& body) {
    EXPECT_TRUE(time_.Run([&] {
      for (int i = 0; i < kLearned; ++i) EXPECT_TRUE(Read().ok());
      EXPECT_EQ(tail_.reads(), kLearned);
      body();
      EXPECT_EQ(tail_.flying(), 0) << "a call leaves nothing behind";
    }));
  }

  Result<Buffer> Read(const CallContext& call = {}) { return store_.GetRange(kPath, {2, 3}, call); }

  /// How long a read took.
  Duration TimedRead() {
    const Duration begin = time_.now();
    const Result<Buffer> buffer = Read();
    EXPECT_EQ(buffer.ok() ? buffer->view() : buffer.status().message(), "234");
    return time_.now() - begin;
  }

  const ObjectPath kPath{"a"};
  sim::VirtualTime time_{1};
  MemoryStore memory_{time_.clock()};
  TailStore tail_{memory_, time_};
  HedgingStore store_{tail_, {}, time_.executor()};
};

TEST_F(HedgingStoreTest, ASlowReadIsAskedForAgainAndTheFasterAnswerCounts) {
  tail_.MakeSlow(kLearned + 1, seconds(5));
  Run([&] {
    EXPECT_LT(TimedRead(), milliseconds(40)) << "20 ms until the second request, which takes 10";
    EXPECT_EQ(tail_.reads(), kLearned + 2);
    EXPECT_EQ(tail_.cancelled(), 1);
  });
}

TEST_F(HedgingStoreTest, AUsualReadIsAskedForOnce) {
  Run([&] {
    for (int i = 0; i < 100; ++i) EXPECT_LT(TimedRead(), milliseconds(15));
    EXPECT_EQ(tail_.reads(), kLearned + 100);
  });
}

TEST_F(HedgingStoreTest, TheFirstAnswerCountsAlsoIfTheSecondRequestIsUnderWay) {
  tail_.MakeSlow(kLearned + 1, milliseconds(25));
  tail_.MakeSlow(kLearned + 2, seconds(5));
  Run([&] {
    EXPECT_LT(TimedRead(), milliseconds(40));
    EXPECT_EQ(tail_.reads(), kLearned + 2);
    EXPECT_EQ(tail_.cancelled(), 1);
  });
}

TEST_F(HedgingStoreTest, AFailureOfOneOfTheTwoIsNoneOfTheRead) {
  tail_.MakeSlow(kLearned + 1, milliseconds(200));
  tail_.MakeFail(kLearned + 2);
  Run([&] { EXPECT_LT(TimedRead(), milliseconds(250)) << "the second failed, and the first came"; });
}

TEST_F(HedgingStoreTest, AFailureBeforeTheDelayIsAnsweredAtOnce) {
  tail_.MakeFail(kLearned + 1);
  Run([&] {
    EXPECT_TRUE(IsKind(Read().status(), ErrorKind::kUnavailable));
    EXPECT_EQ(tail_.reads(), kLearned + 1);
  });
}

TEST_F(HedgingStoreTest, SecondRequestsAreAtMostAShareOfAllReads) {
  // From here on every read is slow.
  for (int64_t i = kLearned + 1; i < 10'000; ++i) tail_.MakeSlow(i, milliseconds(100));
  Run([&] {
    constexpr int kReads = 300;
    for (int i = 0; i < kReads; ++i) EXPECT_TRUE(Read().ok());
    const int64_t extra = tail_.reads() - kLearned - kReads;
    EXPECT_LE(extra, kReads / 20 + 10) << "one in twenty, and those that were saved up";
    EXPECT_GE(extra, 10);
  });
}

TEST_F(HedgingStoreTest, NothingIsHedgedBeforeTheUsualTimeIsKnown) {
  tail_.MakeSlow(10, seconds(2));
  Run([&] { EXPECT_EQ(tail_.cancelled(), 0); });
}

TEST_F(HedgingStoreTest, ACancelledCallEndsBoth) {
  tail_.MakeSlow(kLearned + 1, seconds(100));
  tail_.MakeSlow(kLearned + 2, seconds(100));
  Run([&] {
    Cancellation cancellation;
    CallContext call;
    call.cancellation = &cancellation;
    TaskGroup group(time_.executor());
    group.RunStage([&] {
      time_.Sleep(seconds(1));
      cancellation.Cancel();
      return Status::OK();
    });
    const Duration begin = time_.now();
    EXPECT_TRUE(IsKind(Read(call).status(), ErrorKind::kCancelled));
    EXPECT_LT(time_.now() - begin, milliseconds(1040));
    EXPECT_EQ(tail_.cancelled(), 2);
    EXPECT_TRUE(group.Join().ok());
  });
}

TEST_F(HedgingStoreTest, ReadsOfOtherSizesHaveOtherUsualTimes) {
  Run([&] {
    const std::string large(1 << 20, 'x');
    ASSERT_TRUE(memory_.Put(ObjectPath("b"), Buffer::CopyOf(large), PutMode::kIfAbsent, CallContext()).ok());
    tail_.MakeSlow(kLearned + 1, milliseconds(500));
    EXPECT_TRUE(store_.GetRange(ObjectPath("b"), {0, 1 << 20}, CallContext()).ok());
    EXPECT_EQ(tail_.reads(), kLearned + 1) << "of large reads nothing is known yet";
  });
}

}  // namespace
}  // namespace sleeper::store
