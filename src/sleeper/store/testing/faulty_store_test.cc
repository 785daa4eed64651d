#include "sleeper/store/testing/faulty_store.h"

#include <gtest/gtest.h>

#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/conformance.h"

namespace sleeper::store {
namespace {

const SystemClock kClock;

struct FaultyMemory {
  MemoryStore memory{kClock};
  FaultyStore store{memory};
};

std::shared_ptr<ObjectStore> MakeStore() {
  auto made = std::make_shared<FaultyMemory>();
  return std::shared_ptr<ObjectStore>(made, &made->store);
}

INSTANTIATE_TEST_SUITE_P(FaultyWithoutRules, ObjectStoreConformance, testing::Values(StoreKind{"faulty", MakeStore}),
                         testing::PrintToStringParamName());

class FaultyStoreTest : public testing::Test {
 protected:
  Status Put(const char* path, const char* bytes = "0123456789") {
    return store_.Put(ObjectPath(path), Buffer::CopyOf(bytes), PutMode::kIfAbsent, call_).status();
  }

  bool Exists(const char* path) { return memory_.Head(ObjectPath(path), call_).ok(); }

  MemoryStore memory_{kClock};
  SeededRandom random_{1};
  FaultyStore store_{memory_, &random_};
  CallContext call_{.caller = "test"};
};

TEST_F(FaultyStoreTest, AnErrorBeforeTheEffectHasNone) {
  store_.AddRule({.kind = FaultKind::kErrorBefore, .error = ErrorKind::kThrottled, .function = StoreFunction::kPut});
  EXPECT_TRUE(IsKind(Put("a"), ErrorKind::kThrottled));
  EXPECT_FALSE(Exists("a"));
  EXPECT_TRUE(Put("a").ok()) << "the rule was for one call";
}

TEST_F(FaultyStoreTest, AnErrorAfterTheEffectHidesIt) {
  store_.AddRule(
      {.kind = FaultKind::kErrorAfter, .error = ErrorKind::kOutcomeUnknown, .function = StoreFunction::kPut});
  EXPECT_TRUE(IsKind(Put("a"), ErrorKind::kOutcomeUnknown));
  EXPECT_TRUE(Exists("a"));
}

TEST_F(FaultyStoreTest, ATruncatedBodyIsShorterThanAskedFor) {
  ASSERT_TRUE(Put("a").ok());
  store_.AddRule({.kind = FaultKind::kTruncatedBody, .count = 2});
  EXPECT_EQ(store_.Get(ObjectPath("a"), call_)->bytes.view(), "01234");
  EXPECT_EQ(store_.GetRange(ObjectPath("a"), {4, 4}, call_)->view(), "45");
  EXPECT_EQ(store_.GetRange(ObjectPath("a"), {4, 4}, call_)->view(), "4567");
}

TEST_F(FaultyStoreTest, ALatePutHasItsEffectLater) {
  store_.AddRule({.kind = FaultKind::kLatePut, .error = ErrorKind::kOutcomeUnknown});
  EXPECT_TRUE(IsKind(Put("a", "late"), ErrorKind::kOutcomeUnknown));
  EXPECT_FALSE(Exists("a"));
  ASSERT_TRUE(store_.LandLatePuts().ok());
  EXPECT_EQ(memory_.Get(ObjectPath("a"), call_)->bytes.view(), "late");
}

TEST_F(FaultyStoreTest, RulesChooseByFunctionPathCallerAndNumber) {
  store_.AddRule({.function = StoreFunction::kPut, .path_prefix = "log/", .caller = "test", .first = 2, .count = 2});
  EXPECT_TRUE(Put("data/1").ok());
  EXPECT_TRUE(Put("log/1").ok());
  EXPECT_TRUE(store_.Head(ObjectPath("log/1"), call_).ok());
  EXPECT_TRUE(store_.Put(ObjectPath("log/other"), Buffer(), PutMode::kIfAbsent, {.caller = "other"}).ok());
  EXPECT_FALSE(Put("log/2").ok());
  EXPECT_FALSE(Put("log/3").ok());
  EXPECT_TRUE(Put("log/4").ok());
  EXPECT_EQ(store_.faults(), 2);
}

TEST_F(FaultyStoreTest, ProbabilityDecidesCallByCall) {
  store_.AddRule({.count = kEveryCall, .probability = 0.3});
  for (int i = 0; i < 1000; ++i) static_cast<void>(store_.Head(ObjectPath("a"), call_));
  EXPECT_GT(store_.faults(), 200);
  EXPECT_LT(store_.faults(), 400);
  store_.ClearRules();
  const int64_t faults = store_.faults();
  EXPECT_TRUE(Put("a").ok());
  EXPECT_EQ(store_.faults(), faults);
}

TEST_F(FaultyStoreTest, AKilledProcessHasNoFurtherEffectAndLeavesItsWrites) {
  store_.KillAfter(3);
  EXPECT_TRUE(Put("a").ok());
  auto writer = store_.OpenWriter(ObjectPath("b"), PutMode::kIfAbsent, call_).ValueOrDie();
  EXPECT_TRUE(writer->Append(Buffer::CopyOf("x"), call_).ok());
  EXPECT_FALSE(writer->Finish(call_).ok());
  EXPECT_FALSE(Put("c").ok());
  writer.reset();
  EXPECT_FALSE(Exists("b"));
  EXPECT_FALSE(Exists("c"));
  store_.Revive();
  EXPECT_TRUE(Put("c").ok());
  EXPECT_EQ(store_.calls(), 6);
}

}  // namespace
}  // namespace sleeper::store
