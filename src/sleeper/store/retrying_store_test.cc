#include "sleeper/store/retrying_store.h"

#include <gtest/gtest.h>

#include "sleeper/base/task_group.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/conformance.h"
#include "sleeper/store/testing/faulty_store.h"

namespace sleeper::store {
namespace {

/// Short waits: what is tested is what is made again, and when it ends.
constexpr RetryPolicy kPolicy = {.attempts_max = 4,
                                 .attempts_before_answer_max = 4,
                                 .wait_first = Duration(10),
                                 .wait_max = Duration(20),
                                 .throttled_wait_first = Duration(10),
                                 .throttled_wait_max = Duration(40)};

const SystemClock kClock;

struct RetryingMemory {
  ThreadExecutor executor{2, kClock};
  SeededRandom random{1};
  MemoryStore memory{kClock};
  RateGovernor governor{executor};
  RetryingStore store{memory, kPolicy, {executor, random, &governor}};
};

std::shared_ptr<ObjectStore> MakeStore() {
  auto made = std::make_shared<RetryingMemory>();
  return std::shared_ptr<ObjectStore>(made, &made->store);
}

INSTANTIATE_TEST_SUITE_P(Retrying, ObjectStoreConformance, testing::Values(StoreKind{"retrying", MakeStore}),
                         testing::PrintToStringParamName());

class RetryingStoreTest : public testing::Test {
 protected:
  void FailWith(ErrorKind kind, int64_t times, FaultKind fault = FaultKind::kErrorBefore) {
    faulty_.AddRule({.kind = fault, .error = kind, .count = times});
  }

  Result<PutOutcome> Put(PutMode mode) { return store_.Put(ObjectPath("a"), Buffer::CopyOf("x"), mode, call_); }

  SystemClock clock_;
  ThreadExecutor executor_{1, clock_};
  SeededRandom random_{1};
  MemoryStore memory_{clock_};
  FaultyStore faulty_{memory_};
  RetryingStore store_{faulty_, kPolicy, {executor_, random_}};
  CallContext call_;
};

TEST_F(RetryingStoreTest, AReadIsMadeAgainUntilItSucceeds) {
  ASSERT_TRUE(Put(PutMode::kIfAbsent).ok());
  for (const ErrorKind kind : {ErrorKind::kUnavailable, ErrorKind::kThrottled}) {
    FailWith(kind, 3);
    EXPECT_EQ(store_.Get(ObjectPath("a"), call_)->bytes.view(), "x");
    faulty_.ClearRules();
  }
}

TEST_F(RetryingStoreTest, RefusalsBecauseOfTooManyRequestsDoNotCountAsAttempts) {
  FailWith(ErrorKind::kThrottled, 3 * kPolicy.attempts_max);
  EXPECT_TRUE(IsKind(store_.Head(ObjectPath("a"), call_).status(), ErrorKind::kNotFound));
}

TEST_F(RetryingStoreTest, ThreadsThatWaitForTheirTurnsAllGetThem) {
  FailWith(ErrorKind::kThrottled, 100);
  RateGovernor governor(executor_, {.rate_min = 2000});
  RetryingStore store(faulty_, kPolicy, {executor_, random_, &governor});
  TaskGroup group(executor_);
  for (int thread = 0; thread < 16; ++thread) {
    group.RunStage([&]() -> Status {
      for (int i = 0; i < 20; ++i) {
        const Status status = store.Head(ObjectPath("a"), call_).status();
        if (!IsKind(status, ErrorKind::kNotFound)) return status;
      }
      return Status::OK();
    });
  }
  const Status status = group.Join();
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(faulty_.calls(), 16 * 20 + 100);
}

TEST_F(RetryingStoreTest, ARangeThatFailsIsAskedForAgainAlone) {
  ASSERT_TRUE(Put(PutMode::kIfAbsent).ok());
  const int64_t before = faulty_.calls();
  FailWith(ErrorKind::kUnavailable, 1);
  const std::vector<ByteRange> ranges = {{0, 1}, {0, 1}, {0, 0}};
  const auto buffers = store_.GetRanges(ObjectPath("a"), ranges, call_);
  ASSERT_TRUE(buffers.ok()) << buffers.status().ToString();
  EXPECT_EQ(buffers->size(), 3U);
  EXPECT_EQ(faulty_.calls() - before, 4);
}

TEST_F(RetryingStoreTest, TheAttemptsAreBounded) {
  FailWith(ErrorKind::kUnavailable, kEveryCall);
  EXPECT_TRUE(IsKind(store_.Head(ObjectPath("a"), call_).status(), ErrorKind::kUnavailable));
  EXPECT_EQ(faulty_.calls(), kPolicy.attempts_max);
}

TEST_F(RetryingStoreTest, AStoreThatNeverAnsweredIsGivenUpSooner) {
  RetryPolicy policy = kPolicy;
  policy.attempts_before_answer_max = 2;
  RetryingStore store(faulty_, policy, {executor_, random_});
  FailWith(ErrorKind::kUnavailable, kEveryCall);
  EXPECT_FALSE(store.Head(ObjectPath("a"), call_).ok());
  EXPECT_EQ(faulty_.calls(), 2);
  faulty_.ClearRules();
  EXPECT_TRUE(IsKind(store.Head(ObjectPath("a"), call_).status(), ErrorKind::kNotFound)) << "that is an answer";
  FailWith(ErrorKind::kUnavailable, kEveryCall);
  EXPECT_FALSE(store.Head(ObjectPath("a"), call_).ok());
  EXPECT_EQ(faulty_.calls(), 2 + 1 + 4);
}

TEST_F(RetryingStoreTest, WhatRepeatingCannotHelpIsNotMadeAgain) {
  for (const ErrorKind kind : {ErrorKind::kDenied, ErrorKind::kNotFound, ErrorKind::kInvalid, ErrorKind::kCorrupt,
                               ErrorKind::kExhausted, ErrorKind::kCancelled}) {
    FailWith(kind, kEveryCall);
    const int64_t before = faulty_.calls();
    EXPECT_TRUE(IsKind(store_.List(ObjectPath(""), ObjectPath(""), 1, call_).status(), kind));
    EXPECT_EQ(faulty_.calls(), before + 1);
    faulty_.ClearRules();
  }
}

TEST_F(RetryingStoreTest, AConditionalPutWhoseAnswerWasLostIsNotMadeAgain) {
  FailWith(ErrorKind::kOutcomeUnknown, kEveryCall, FaultKind::kErrorAfter);
  EXPECT_TRUE(IsKind(Put(PutMode::kIfAbsent).status(), ErrorKind::kOutcomeUnknown));
  EXPECT_EQ(faulty_.calls(), 1);
}

TEST_F(RetryingStoreTest, AConditionalPutThatHadNoEffectIsMadeAgain) {
  FailWith(ErrorKind::kThrottled, 2);
  EXPECT_EQ(Put(PutMode::kIfAbsent), PutOutcome::kCreated);
}

TEST_F(RetryingStoreTest, AReplacingPutAndADeletionAreMadeAgainAlsoWhenTheAnswerWasLost) {
  FailWith(ErrorKind::kOutcomeUnknown, 2, FaultKind::kErrorAfter);
  EXPECT_EQ(Put(PutMode::kReplace), PutOutcome::kCreated);
  faulty_.ClearRules();
  FailWith(ErrorKind::kOutcomeUnknown, 2, FaultKind::kErrorAfter);
  const std::vector<ObjectPath> paths = {ObjectPath("a")};
  EXPECT_TRUE(store_.Delete(paths, call_).ok());
}

TEST_F(RetryingStoreTest, NoAttemptIsMadeThatWouldBeginAfterTheDeadline) {
  FailWith(ErrorKind::kUnavailable, kEveryCall);
  RetryingStore patient(faulty_, {.wait_first = std::chrono::hours(1), .wait_max = std::chrono::hours(1)},
                        {executor_, random_});
  call_.deadline = clock_.MonotonicNow() + std::chrono::minutes(1);
  EXPECT_TRUE(IsKind(patient.Head(ObjectPath("a"), call_).status(), ErrorKind::kUnavailable));
  EXPECT_EQ(faulty_.calls(), 1);
}

}  // namespace
}  // namespace sleeper::store
