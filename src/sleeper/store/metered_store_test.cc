#include "sleeper/store/metered_store.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/conformance.h"

namespace sleeper::store {
namespace {

const SystemClock kClock;

struct MeteredMemory {
  MemoryStore memory{kClock};
  StoreMeter meter;
  MeteredStore store{memory, meter};
};

std::shared_ptr<ObjectStore> MakeStore() {
  auto made = std::make_shared<MeteredMemory>();
  return std::shared_ptr<ObjectStore>(made, &made->store);
}

INSTANTIATE_TEST_SUITE_P(Metered, ObjectStoreConformance, testing::Values(StoreKind{"metered", MakeStore}),
                         testing::PrintToStringParamName());

class MeteredStoreTest : public testing::Test {
 protected:
  void Put(const char* path, const std::string& bytes) {
    ASSERT_TRUE(store_.Put(ObjectPath(path), Buffer::CopyOf(bytes), PutMode::kIfAbsent, call_).ok());
  }

  MemoryStore memory_{kClock};
  StoreMeter meter_;
  MeteredStore store_{memory_, meter_};
  CallContext call_{.caller = "test"};
};

TEST_F(MeteredStoreTest, CountsRequestsAndBytesOfEachVerb) {
  Put("a", "0123456789");
  EXPECT_TRUE(store_.Get(ObjectPath("a"), call_).ok());
  EXPECT_TRUE(store_.GetRange(ObjectPath("a"), {0, 4}, call_).ok());
  const std::vector<ByteRange> ranges = {{0, 1}, {2, 2}, {5, 3}};
  EXPECT_TRUE(store_.GetRanges(ObjectPath("a"), ranges, call_).ok());
  EXPECT_TRUE(store_.Head(ObjectPath("a"), call_).ok());
  EXPECT_TRUE(store_.List(ObjectPath(""), ObjectPath(""), 10, call_).ok());
  EXPECT_FALSE(store_.Get(ObjectPath("missing"), call_).ok());
  const std::vector<ObjectPath> paths(1001, ObjectPath("a"));
  EXPECT_TRUE(store_.Delete(paths, call_).ok());

  const StoreUsage usage = meter_.total();
  EXPECT_EQ(usage.requests, (VerbCounts{{/*get=*/6, /*put=*/1, /*list=*/1, /*head=*/1, /*delete=*/2}}));
  EXPECT_EQ(usage.bytes_read, 10 + 4 + 6);
  EXPECT_EQ(usage.bytes_written, 10);
}

TEST_F(MeteredStoreTest, KeepsCallersApart) {
  Put("a", "0123456789");
  EXPECT_TRUE(store_.Get(ObjectPath("a"), call_.As("query")).ok());
  EXPECT_TRUE(store_.Get(ObjectPath("a"), call_.As("query")).ok());
  const auto usage = meter_.by_caller();
  EXPECT_EQ(usage.at("test").requests.total(), 1);
  EXPECT_EQ(usage.at("query").requests[Verb::kGet], 2);
  EXPECT_EQ(usage.at("query").bytes_read, 20);
}

TEST_F(MeteredStoreTest, AStreamedObjectCountsAsItsParts) {
  const auto stream = [&](const char* path, int64_t bytes) {
    const int64_t before = meter_.total().requests[Verb::kPut];
    const auto writer = store_.OpenWriter(ObjectPath(path), PutMode::kIfAbsent, call_).ValueOrDie();
    EXPECT_TRUE(writer->Append(Buffer::FromString(std::string(static_cast<size_t>(bytes), 'x')), call_).ok());
    EXPECT_TRUE(writer->Finish(call_).ok());
    return meter_.total().requests[Verb::kPut] - before;
  };
  EXPECT_EQ(stream("a", 100), 1);
  EXPECT_EQ(stream("b", (int64_t{8} << 20) + 1), 4) << "start, two parts, end";
  EXPECT_EQ(meter_.total().bytes_written, 100 + (int64_t{8} << 20) + 1);
}

TEST_F(MeteredStoreTest, ReadsOneAfterTheOtherAreWaves) {
  Put("a", "0123456789");
  EXPECT_EQ(meter_.total().get_waves, 0);
  EXPECT_TRUE(store_.List(ObjectPath(""), ObjectPath(""), 1, call_).ok());
  EXPECT_TRUE(store_.Head(ObjectPath("a"), call_).ok());
  const std::vector<ByteRange> ranges = {{0, 1}, {2, 2}, {5, 3}};
  EXPECT_TRUE(store_.GetRanges(ObjectPath("a"), ranges, call_).ok());
  EXPECT_EQ(meter_.total().get_waves, 3);
}

TEST(StoreMeterTest, ReadsAtTheSameTimeAreOneWave) {
  StoreMeter meter;
  const auto first = meter.Start(Verb::kGet, "a");
  const auto second = meter.Start(Verb::kGet, "b");
  meter.End(first, 1);
  meter.End(second, 1);
  EXPECT_EQ(meter.total().get_waves, 1);
  const auto third = meter.Start(Verb::kList, "a");
  const auto put = meter.Start(Verb::kPut, "a");
  meter.End(put, 1);
  const auto fourth = meter.Start(Verb::kHead, "b");
  EXPECT_EQ(meter.total().get_waves, 2) << "the third has not ended, and writes are no waves";
  meter.End(third, 0);
  meter.End(fourth, 0);
  meter.End(meter.Start(Verb::kGet, "a"), 0);
  EXPECT_EQ(meter.total().get_waves, 3);
}

TEST(StoreMeterTest, EstimatesDollars) {
  StoreUsage usage;
  usage.requests[Verb::kGet] = 10'000;
  usage.requests[Verb::kPut] = 1'000;
  usage.requests[Verb::kList] = 1'000;
  usage.requests[Verb::kDelete] = 1'000'000;
  EXPECT_DOUBLE_EQ(usage.dollars(S3StandardPrices()), 0.004 + 0.005 + 0.005);
  EXPECT_EQ(usage.dollars(FreeRequests()), 0);
}

TEST(StoreMeterTest, CallersAreBounded) {
  StoreMeter meter;
  for (int i = 0; i < 1000; ++i) meter.Start(Verb::kGet, "caller " + std::to_string(i));
  EXPECT_LE(meter.by_caller().size(), 257U);
  EXPECT_EQ(meter.total().requests[Verb::kGet], 1000);
}

}  // namespace
}  // namespace sleeper::store
