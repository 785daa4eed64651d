#include "sleeper/ingest/ingest_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/table_transition.h"

namespace sleeper::ingest {
namespace {

using model::Fails;
using ::testing::HasSubstr;

constexpr int64_t kMebibyte = 1 << 20;

IngestRequest Request(std::vector<std::string> inputs, std::string reading = "parquet") {
  return {.job = model::JobId("job"), .inputs = std::move(inputs), .reading = std::move(reading)};
}

state::TableStatePtr NewTable() {
  const model::Schema schema =
      model::ValueOf(model::Schema::Make({.row_keys = {{"k", model::TypeKind::kLong}}, .sort_keys = {}, .values = {}}));
  const state::DefineTable define{{.schema = schema, .properties = {}}, {}};
  return state::Apply(state::TableState::Empty(), define, 1).state;
}

TEST(IngestRequest, HashesWhatIsReadAndHow) {
  EXPECT_EQ(Request({"a", "b"}).Hash(), Request({"b", "a"}).Hash());
  EXPECT_NE(Request({"a", "b"}).Hash(), Request({"a"}).Hash());
  EXPECT_NE(Request({"a", "b"}).Hash(), Request({"ab"}).Hash());
  EXPECT_NE(Request({"a"}).Hash(), Request({"a", "a"}).Hash());
  EXPECT_NE(Request({"a"}, "csv").Hash(), Request({"a"}, "jsonl").Hash());
}

TEST(IngestRequest, HashesTheSameInEveryVersion) {
  // Ids of jobs are remembered for days, and repeated by other versions of the program.
  EXPECT_EQ(Request({"a", "b"}).Hash(), state::SpecHash("2be69677393eec240dbbcec70ab2901e"));
}

TEST(PlanIngest, TakesWhatThePropertiesSay) {
  const auto properties = model::ValueOf(model::Properties::Make({{"ingest.file.writing.strategy", "one_file_per_leaf"},
                                                                  {"ingest.memory.bytes", "256M"},
                                                                  {"data.file.bytes.target", "3M"}}));
  const state::TableStatePtr table = NewTable();
  const IngestSpec spec = model::ValueOf(PlanIngest(*table, Request({"a"}), properties));
  EXPECT_EQ(spec.job, model::JobId("job"));
  EXPECT_EQ(spec.strategy, model::FileWritingStrategy::kOneFilePerLeaf);
  EXPECT_EQ(spec.file_bytes_target, 3 * kMebibyte);
  EXPECT_EQ(spec.shape_hash, table->shape_hash());
  EXPECT_LT(spec.memory.sort_bytes_max, 256 * kMebibyte);
}

TEST(PlanIngest, RefusesAJobWithoutAnId) {
  IngestRequest request = Request({"a"});
  request.job = model::JobId();
  EXPECT_THAT(PlanIngest(*NewTable(), request, {}).status(), Fails(ErrorKind::kInvalid, HasSubstr("id")));
}

TEST(MemoryShares, KeepWithinTheMemoryWhateverItIs) {
  for (const int64_t memory : {16 * kMebibyte, 64 * kMebibyte, 1'024 * kMebibyte, 65'536 * kMebibyte}) {
    for (const int64_t row_group : {kMebibyte, 128 * kMebibyte, 1'024 * kMebibyte}) {
      const MemoryShares shares = MemoryShares::Of(memory, row_group);
      EXPECT_LE(shares.row_group_bytes_max, row_group);
      EXPECT_GE(shares.sort_bytes_max, memory / 2) << memory << " and " << row_group;
      const int64_t reading = shares.batch_bytes_max * (shares.readers_max + shares.batches_waiting_max);
      EXPECT_LE(shares.sort_bytes_max + reading, memory);
      EXPECT_LE(shares.sort_bytes_max + shares.row_group_bytes_max, memory);
    }
  }
}

}  // namespace
}  // namespace sleeper::ingest
