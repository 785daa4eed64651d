#include "sleeper/query/run_query.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/query/testing/query_table.h"
#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::query {
namespace {

using model::Fails;
using model::ValueOf;
using store::StoreFunction;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::shared_ptr<const columnar::Layout> Numbers() {
  return columnar::LayoutOf(R"({"rowKeyFields": [{"name": "key", "type": "LongType"}],
                                "valueFields": [{"name": "text", "type": "StringType"}]})");
}

std::shared_ptr<const columnar::Layout> Flights() {
  return columnar::LayoutOf(R"({
    "rowKeyFields": [{"name": "origin", "type": "StringType"}, {"name": "day", "type": "IntType"}],
    "sortKeyFields": [{"name": "to", "type": "StringType"}],
    "valueFields": [{"name": "delay", "type": "LongType", "nullable": true}]})");
}

model::NormalisedKey Key(int64_t value) { return model::EncodeKey(std::vector<model::KeyValue>{value}); }
model::NormalisedKey Key(std::string origin, int32_t day) {
  return model::EncodeKey(std::vector<model::KeyValue>{std::move(origin), day});
}

/// Rows (key, "<prefix><key>") for the keys first, first + step, … below end.
columnar::Batch RowsOf(const std::string& prefix, int64_t first, int64_t end, int64_t step = 1) {
  std::string keys;
  std::string texts;
  for (int64_t key = first; key < end; key += step) {
    keys += (keys.empty() ? "" : ",") + std::to_string(key);
    texts += (texts.empty() ? "\"" : ",\"") + prefix + std::to_string(key) + "\"";
  }
  return columnar::BatchOf(Numbers(), {"[" + keys + "]", "[" + texts + "]"});
}

/// Three files in two partitions; (5, …) is in two of them, in one twice.
class RunQueryTest : public ::testing::Test {
 protected:
  RunQueryTest() {
    table_.AddFile({"[1, 5, 5, 9]", R"(["a1", "a5", "a5", "a9"])"});
    table_.AddFile({"[2, 5, 12]", R"(["b2", "b5", "b12"])"});
    table_.AddFile({"[11, 15]", R"(["c11", "c15"])"});
  }

  QueryTable table_{Numbers(), {Key(10)}};
};

TEST_F(RunQueryTest, ReturnsTheWholeTableInKeyOrderIfNothingInParticularIsWanted) {
  EXPECT_THAT(ValueOf(table_.Rows({})), ElementsAre("(1, a1)", "(2, b2)", "(5, a5)", "(5, a5)", "(5, b5)", "(9, a9)",
                                                    "(11, c11)", "(12, b12)", "(15, c15)"));
}

TEST_F(RunQueryTest, ReturnsEveryRowOfAKeyFromAllFiles) {
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({"key=5"})})),
              ElementsAre("(5, a5)", "(5, a5)", "(5, b5)"));
}

TEST_F(RunQueryTest, ReturnsNothingForAKeyThatIsNotThere) {
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({"key=6"})})), IsEmpty());
}

TEST_F(RunQueryTest, ReturnsARangeAcrossPartitions) {
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({}, {"key=[9,12)"})})),
              ElementsAre("(9, a9)", "(11, c11)"));
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({}, {"key=(9,12]"})})),
              ElementsAre("(11, c11)", "(12, b12)"));
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({}, {"key=(12,]"})})), ElementsAre("(15, c15)"));
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({}, {"key=[,2]"})})), ElementsAre("(1, a1)", "(2, b2)"));
}

TEST_F(RunQueryTest, ReturnsARowOnceHoweverManyRegionsHoldIt) {
  std::vector<model::Region> regions = table_.Regions({}, {"key=[2,9]"});
  for (const auto& more : {table_.Regions({"key=2", "key=15"}), table_.Regions({}, {"key=[9,11]"})}) {
    regions.insert(regions.end(), more.begin(), more.end());
  }
  EXPECT_THAT(ValueOf(table_.Rows({.regions = regions})),
              ElementsAre("(2, b2)", "(5, a5)", "(5, a5)", "(5, b5)", "(9, a9)", "(11, c11)", "(15, c15)"));
}

TEST_F(RunQueryTest, AnswersABatchOfKeysInKeyOrderAndEachOnce) {
  EXPECT_THAT(ValueOf(table_.Rows({.keys = {Key(15), Key(5), Key(3), Key(5), Key(1), Key(99)}})),
              ElementsAre("(1, a1)", "(5, a5)", "(5, a5)", "(5, b5)", "(15, c15)"));
}

TEST_F(RunQueryTest, TakesKeysAndRegionsTogether) {
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({}, {"key=[11,12]"}), .keys = {Key(1), Key(12)}})),
              ElementsAre("(1, a1)", "(11, c11)", "(12, b12)"));
}

TEST_F(RunQueryTest, ReturnsNothingIfABatchOfKeysIsEmpty) {
  EXPECT_THAT(ValueOf(table_.Rows({.nothing = true})), IsEmpty());
}

TEST_F(RunQueryTest, ReturnsExactlyTheSelectedFieldsAlsoWithoutKeys) {
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({}, {"key=[5,11]"}), .select = {"text"}})),
              ElementsAre("(a5)", "(a5)", "(b5)", "(a9)", "(c11)"));
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({"key=9"}), .select = {"text", "key"}})),
              ElementsAre("(a9, 9)"));
}

TEST_F(RunQueryTest, RefusesUnknownAndRepeatedFields) {
  EXPECT_THAT(table_.Rows({.select = {"colour"}}).status(), Fails(ErrorKind::kInvalid, HasSubstr("colour")));
  EXPECT_THAT(table_.Rows({.select = {"text", "text"}}).status(), Fails(ErrorKind::kInvalid, HasSubstr("text")));
}

TEST_F(RunQueryTest, ReturnsTheFirstRowsUpToTheLimit) {
  EXPECT_THAT(ValueOf(table_.Rows({.limit = 3})), ElementsAre("(1, a1)", "(2, b2)", "(5, a5)"));
  EXPECT_THAT(ValueOf(table_.Rows({.limit = 0})), IsEmpty());
  EXPECT_THAT(ValueOf(table_.Rows({.limit = 100})), SizeIs(9));
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({}, {"key=(9,]"}), .limit = 2})),
              ElementsAre("(11, c11)", "(12, b12)"));
}

TEST_F(RunQueryTest, ReadsNoFurtherThanTheLimitNeeds) {
  table_.store().Clear();
  EXPECT_THAT(ValueOf(table_.Rows({.limit = 6})), SizeIs(6));
  // Two files in the first partition, and none of the second one's third file.
  EXPECT_THAT(table_.store().calls(StoreFunction::kGetRange), SizeIs(2));
}

/// The reads of the store until the first row is there.
size_t ReadsUntilTheFirstBatch(QueryTable& table) {
  table.Restart();
  table.store().Clear();
  const auto rows = ValueOf(table.Run({}));
  EXPECT_THAT(ValueOf(rows->Next()), ::testing::Ne(std::nullopt));
  return table.store().calls(StoreFunction::kGetRange).size();
}

TEST(RunQueryOnManyFiles, OpensFilesThatDoNotOverlapOneAfterTheOther) {
  QueryTable table{Numbers()};
  for (int64_t file = 0; file < 150; ++file) table.AddFile(RowsOf("r", file * 2, file * 2 + 2));
  // For each of 64 files its tail and its pages; and there are 150.
  EXPECT_LE(ReadsUntilTheFirstBatch(table), 2 * 64u);
  EXPECT_THAT(ValueOf(table.Rows({})), ::testing::ElementsAreArray(columnar::TextOf({RowsOf("r", 0, 300)})));
}

TEST(RunQueryOnManyFiles, ReturnsRowsInOrderWhereOneFileOverlapsAllOthers) {
  QueryTable table{Numbers()};
  // One over all keys, and others behind one another, of which no group is apart from it.
  table.AddFile(RowsOf("r", 0, 201, 200));
  for (int64_t key = 1; key < 199; key += 2) table.AddFile(RowsOf("r", key, key + 2));
  table.AddFile(RowsOf("r", 199, 200));
  EXPECT_THAT(ValueOf(table.Rows({})), ::testing::ElementsAreArray(columnar::TextOf({RowsOf("r", 0, 201)})));
}

TEST_F(RunQueryTest, SeesRowsThatWereAddedBeforeItAndNoneThatWereAddedAfterIt) {
  const auto rows = ValueOf(table_.Run({.regions = table_.Regions({"key=9"})}));
  table_.AddFile({"[9]", R"(["late"])"});
  EXPECT_THAT(columnar::TextOf(ValueOf(rows::Collect(*rows))), ElementsAre("(9, a9)"));
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({"key=9"})})), ElementsAre("(9, a9)", "(9, late)"));
}

TEST_F(RunQueryTest, FindsTheSameRowsAfterASplit) {
  const std::vector<std::string> before = ValueOf(table_.Rows({}));
  table_.Commit(state::SplitPartitions{{{table_.State()->partitions().Find(Key(5)).id, {Key(2), Key(5), Key(9)}}}});
  EXPECT_EQ(ValueOf(table_.Rows({})), before);
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({"key=5"})})),
              ElementsAre("(5, a5)", "(5, a5)", "(5, b5)"));
}

TEST(RunQuery, FailsIfThereIsNoSuchTable) {
  QueryTable table(Numbers());
  table.Commit(state::DropTable{});
  EXPECT_THAT(table.Rows({}).status(), Fails(ErrorKind::kNotFound, HasSubstr("dropped")));
}

TEST(RunQuery, ReturnsNothingOfAnEmptyTable) {
  QueryTable table(Numbers(), {Key(3)});
  EXPECT_THAT(ValueOf(table.Rows({})), IsEmpty());
  EXPECT_THAT(ValueOf(table.Rows({.regions = table.Regions({"key=3"})})), IsEmpty());
}

TEST(RunQuery, ReadsABatchOfManyKeysInStretches) {
  QueryTable table(Numbers(), {Key(30'000)});
  table.settings.page_rows_max = 512;
  table.AddFile(RowsOf("a", 0, 40'000, 2));
  table.AddFile(RowsOf("b", 1, 40'000, 4));
  QueryRequest request;
  for (int64_t key = 0; key < 40'000; key += 3) request.keys.push_back(Key(key));
  std::reverse(request.keys.begin(), request.keys.end());

  std::vector<std::string> wanted;
  for (int64_t key = 0; key < 40'000; key += 3) {
    if (key % 2 == 0) wanted.push_back("(" + std::to_string(key) + ", a" + std::to_string(key) + ")");
    if (key % 4 == 1) wanted.push_back("(" + std::to_string(key) + ", b" + std::to_string(key) + ")");
  }
  EXPECT_EQ(ValueOf(table.Rows(request)), wanted);
}

/// Keys of several fields.
class TupleQueryTest : public ::testing::Test {
 protected:
  TupleQueryTest() {
    table_.AddFile({R"(["ATL", "ATL", "ATL", "SEA", "SEA"])", "[1, 2, 3, 1, 3]",
                    R"(["JFK", "SEA", "JFK", "ATL", "JFK"])", "[10, null, 30, 40, 50]"});
    table_.AddFile(
        {R"(["ATL", "JFK", "JFK", "SEA"])", "[2, 1, 2, 1]", R"(["DEN", "ATL", "SEA", "AAA"])", "[1, 2, 3, null]"});
  }

  QueryTable table_{Flights(), {Key("JFK", 2)}};
};

TEST_F(TupleQueryTest, OrdersByRowKeysAndThenSortKeys) {
  EXPECT_THAT(ValueOf(table_.Rows({.select = {"origin", "day", "to"}})),
              ElementsAre("(ATL, 1, JFK)", "(ATL, 2, DEN)", "(ATL, 2, SEA)", "(ATL, 3, JFK)", "(JFK, 1, ATL)",
                          "(JFK, 2, SEA)", "(SEA, 1, AAA)", "(SEA, 1, ATL)", "(SEA, 3, JFK)"));
}

TEST_F(TupleQueryTest, FindsAPrefixOfTheKey) {
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({"origin=SEA"}), .select = {"day", "to"}})),
              ElementsAre("(1, AAA)", "(1, ATL)", "(3, JFK)"));
}

TEST_F(TupleQueryTest, FindsAWholeKey) {
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({"origin=ATL", "day=2"})})),
              ElementsAre("(ATL, 2, DEN, 1)", "(ATL, 2, SEA, null)"));
  EXPECT_THAT(ValueOf(table_.Rows({.keys = {Key("ATL", 2), Key("ATL", 9)}, .select = {"delay"}})),
              ElementsAre("(1)", "(null)"));
}

TEST_F(TupleQueryTest, ChecksALaterFieldBehindARangeOfAnEarlierOne) {
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({}, {"origin=[ATL,SEA)", "day=[2,2]"})})),
              ElementsAre("(ATL, 2, DEN, 1)", "(ATL, 2, SEA, null)", "(JFK, 2, SEA, 3)"));
}

TEST_F(TupleQueryTest, ChecksALaterFieldAloneWithoutReturningIt) {
  EXPECT_THAT(ValueOf(table_.Rows({.regions = table_.Regions({"day=3"}), .select = {"delay"}})),
              ElementsAre("(30)", "(50)"));
}

TEST_F(TupleQueryTest, ChecksEachRowAgainstTheRegionsThatReachIt) {
  // Day 1 of all from J on, day 3 of everything, and all of ATL's day 2: rows that one region leaves out may be in
  // another.
  std::vector<model::Region> regions = table_.Regions({"day=1"}, {"origin=[J,)"});
  for (const auto& more : {table_.Regions({"day=3"}), table_.Regions({"origin=ATL", "day=2"})}) {
    regions.insert(regions.end(), more.begin(), more.end());
  }
  EXPECT_THAT(ValueOf(table_.Rows({.regions = regions, .select = {"origin", "day", "to"}})),
              ElementsAre("(ATL, 2, DEN)", "(ATL, 2, SEA)", "(ATL, 3, JFK)", "(JFK, 1, ATL)", "(SEA, 1, AAA)",
                          "(SEA, 1, ATL)", "(SEA, 3, JFK)"));
}

TEST_F(TupleQueryTest, ReadsAllSegmentsOfAPartitionTogether) {
  std::vector<model::Region> regions;
  for (const char* range : {"origin=[A,B)", "origin=[G,H)", "origin=[S,T)"}) {
    for (model::Region& region : table_.Regions({"day=1"}, {range})) regions.push_back(std::move(region));
  }
  EXPECT_THAT(ValueOf(table_.Rows({.regions = regions})), SizeIs(3));
  table_.store().Clear();
  EXPECT_THAT(ValueOf(table_.Rows({.regions = regions})), SizeIs(3));
  // Two files in each of two partitions.
  EXPECT_THAT(table_.store().calls(StoreFunction::kGetRanges), SizeIs(4));
}

// Files that are not in the store.

TEST(MissingFile, StartsTheQueryAgainBeforeTheFirstRow) {
  QueryTable table(Numbers());
  table.AddFile({"[1, 2]", R"(["old", "old"])"});
  const auto rows = ValueOf(table.Run({}));
  table.ClearAndCollect();
  table.AddFile({"[2, 3]", R"(["new", "new"])"});
  EXPECT_THAT(columnar::TextOf(ValueOf(rows::Collect(*rows))), ElementsAre("(2, new)", "(3, new)"));
}

TEST(MissingFile, StartsTheQueryAgainIfOnlyThePagesAreMissing) {
  QueryTable table(Numbers());
  table.AddFile({"[1]", R"(["old"])"});
  EXPECT_THAT(ValueOf(table.Rows({})), ElementsAre("(1, old)"));
  const auto rows = ValueOf(table.Run({}));
  table.ClearAndCollect();
  EXPECT_THAT(columnar::TextOf(ValueOf(rows::Collect(*rows))), IsEmpty());
}

TEST(MissingFile, ExpiresTheSnapshotAfterTheFirstRow) {
  QueryTable table(Numbers(), {Key(10)});
  table.AddFile({"[1]", R"(["a"])"});
  table.AddFile({"[11]", R"(["b"])"});
  // With a limit one partition is read after the other.
  const auto rows = ValueOf(table.Run({.limit = 100}));
  EXPECT_THAT(columnar::TextOf(*ValueOf(rows->Next())), ElementsAre("(1, a)"));
  table.ClearAndCollect();
  const Status failure = rows->Next().status();
  EXPECT_THAT(failure, Fails(ErrorKind::kNotFound, HasSubstr("snapshot expired")));
  EXPECT_THAT(HintOf(failure), HasSubstr("gc.delay.minutes"));
}

TEST(MissingFile, IsCorruptionIfTheTableStillNamesIt) {
  QueryTable table(Numbers());
  const model::FileRecord file = table.AddFile({"[1]", R"(["a"])"});
  table.DeleteObject(file);
  EXPECT_THAT(table.Rows({}).status(), Fails(ErrorKind::kCorrupt, HasSubstr(file.id.value())));
  EXPECT_THAT(ExplainQuery(table.ports(), {}, CallContext()).status(),
              Fails(ErrorKind::kCorrupt, HasSubstr(file.id.value())));
}

TEST(MissingFile, DoesNotHinderQueriesThatDoNotNeedIt) {
  QueryTable table(Numbers());
  table.DeleteObject(table.AddFile({"[1, 5]", R"(["a", "a"])"}));
  table.AddFile({"[7]", R"(["b"])"});
  EXPECT_THAT(ValueOf(table.Rows({.regions = table.Regions({"key=7"})})), ElementsAre("(7, b)"));
}

// What queries cost.

/// Answers reads of pages only once as many have come together as are expected, or fails them after some time.
class Rendezvous final : public store::InterceptingStore {
 public:
  Rendezvous(store::ObjectStore& inner, Executor& executor, int expected)
      : InterceptingStore(inner), executor_(executor), expected_(expected), arrived_(executor.MakeWaitPoint()) {}

  void Reset() { count_ = 0; }

 private:
  Status Before(const store::StoreCall& call) override {
    if (call.function != StoreFunction::kGetRanges) return Status::OK();
    ++count_;
    arrived_->NotifyAll();
    const Instant deadline = executor_.clock().MonotonicNow() + std::chrono::seconds(20);
    for (;;) {
      const WaitPoint::Ticket ticket = arrived_->Take();
      if (count_ >= expected_) return Status::OK();
      if (!arrived_->Wait(ticket, deadline))
        return Error(ErrorKind::kInternal, "only ", count_.load(), " reads came together");
    }
  }

  Executor& executor_;
  const int expected_;
  std::atomic<int> count_ = 0;
  const std::unique_ptr<WaitPoint> arrived_;
};

TEST(RequestBudget, OfAWarmLookUpIsAListingAndOneWaveOfPages) {
  QueryTable table(Numbers(), {Key(1'000)});
  table.settings.page_rows_max = 16;
  for (int64_t first = 0; first < 5; ++first) table.AddFile(RowsOf("r", first, 400, 3));
  table.AddFile(RowsOf("other partition", 1'000, 1'100));
  table.AddFile(RowsOf("beside the key", 300, 400));
  const QueryRequest request{.regions = table.Regions({"key=222"})};
  EXPECT_THAT(ValueOf(table.Rows(request)), ElementsAre("(222, r222)", "(222, r222)"));

  Rendezvous rendezvous(table.store(), table.executor(), 5);
  table.RestartOn(rendezvous);
  EXPECT_THAT(table.Rows({.regions = table.Regions({"key=222"})}).status(), Status::OK());
  rendezvous.Reset();
  table.store().Clear();
  EXPECT_THAT(ValueOf(table.Rows(request)), SizeIs(2));

  // The listing tells that the state is current; then the pages of the five files that may hold the key, all at once.
  EXPECT_THAT(table.store().calls(), SizeIs(6));
  EXPECT_THAT(table.store().calls(StoreFunction::kList), SizeIs(1));
  const std::vector<store::StoreCall> reads = table.store().calls(StoreFunction::kGetRanges);
  EXPECT_THAT(reads, SizeIs(5));
  for (const store::StoreCall& read : reads)
    EXPECT_THAT(read.ranges, SizeIs(1)) << "the pages lie side by side: " << read;
}

TEST(RequestBudget, OfAColdLookUpIsATailAndPagesOfEachFile) {
  QueryTable table(Numbers());
  for (int64_t first = 0; first < 3; ++first) table.AddFile(RowsOf("r", first, 100));
  table.State();
  table.store().Clear();
  EXPECT_THAT(ValueOf(table.Rows({.regions = table.Regions({"key=50"})})), SizeIs(3));
  EXPECT_THAT(table.store().calls(StoreFunction::kList), SizeIs(1));
  EXPECT_THAT(table.store().calls(StoreFunction::kGetRange), SizeIs(3)) << "tails";
  EXPECT_THAT(table.store().calls(StoreFunction::kGetRanges), SizeIs(3)) << "pages";
  EXPECT_THAT(table.store().calls(), SizeIs(7));
}

TEST(RequestBudget, OfAKeyThatNoFileMayHoldIsAListing) {
  QueryTable table(Numbers());
  table.AddFile(RowsOf("r", 10, 20));
  table.State();
  table.store().Clear();
  EXPECT_THAT(ValueOf(table.Rows({.regions = table.Regions({"key=50"})})), IsEmpty());
  EXPECT_THAT(table.store().calls(), SizeIs(1));
}

TEST(RequestBudget, OfABatchOfKeysIsAWaveForEachFile) {
  QueryTable table(Numbers());
  table.settings.page_rows_max = 10;
  table.AddFile(RowsOf("r", 0, 1'000));
  const QueryRequest request{.keys = {Key(905), Key(5), Key(505), Key(507)}};
  EXPECT_THAT(ValueOf(table.Rows(request)), SizeIs(4));
  table.store().Clear();
  EXPECT_THAT(ValueOf(table.Rows(request)), SizeIs(4));
  const std::vector<store::StoreCall> reads = table.store().calls(StoreFunction::kGetRanges);
  ASSERT_THAT(reads, SizeIs(1));
  EXPECT_THAT(reads.front().ranges, SizeIs(::testing::Le(6U))) << "three pages of two columns, near ones as one range";
}

TEST(ExplainQuery, SaysWhatWouldBeReadWithoutReadingIt) {
  QueryTable table(Numbers(), {Key(500), Key(2'000)});
  table.settings.page_rows_max = 10;
  const model::FileRecord first = table.AddFile(RowsOf("r", 0, 1'000));
  const model::FileRecord second = table.AddFile(RowsOf("s", 800, 900));
  table.AddFile(RowsOf("t", 3'000, 3'100));
  table.store().Clear();
  const QueryExplanation range =
      ValueOf(ExplainQuery(table.ports(), {.regions = table.Regions({}, {"key=[490,510)"})}, CallContext()));
  EXPECT_EQ(range.partitions, 2);
  EXPECT_EQ(range.files, 1);
  EXPECT_EQ(range.rows, 20);
  EXPECT_EQ(range.row_groups, 2) << "the same one for each partition";
  EXPECT_EQ(range.pages, 4);
  EXPECT_EQ(range.table_partitions, 3);
  EXPECT_EQ(range.table_files, 3);
  EXPECT_GT(range.bytes, 0);
  EXPECT_LT(range.bytes, first.size_bytes / 10);
  EXPECT_THAT(table.store().calls(StoreFunction::kGetRanges), IsEmpty());

  const QueryExplanation key =
      ValueOf(ExplainQuery(table.ports(), {.regions = table.Regions({"key=850"})}, CallContext()));
  EXPECT_EQ(key.partitions, 1);
  EXPECT_EQ(key.files, 2);
  EXPECT_EQ(key.row_groups, 2);
  EXPECT_EQ(key.pages, 4);

  const QueryExplanation none = ValueOf(ExplainQuery(table.ports(), {.nothing = true}, CallContext()));
  EXPECT_EQ(none.partitions, 0);
  EXPECT_EQ(none.pages, 0);
}

TEST(ExplainQuery, CountsThePagesThatTheQueryReads) {
  QueryTable table(Flights());
  table.settings.page_rows_max = 2;
  table.AddFile({R"(["ATL", "ATL", "JFK", "JFK", "SEA", "SEA"])", "[1, 2, 1, 2, 1, 2]",
                 R"(["a", "b", "c", "d", "e", "f"])", "[1, 2, 3, 4, 5, 6]"});
  const QueryRequest request{.regions = table.Regions({"origin=JFK", "day=2"}), .select = {"delay"}};
  const QueryExplanation explanation = ValueOf(ExplainQuery(table.ports(), request, CallContext()));
  table.store().Clear();
  EXPECT_THAT(ValueOf(table.Rows(request)), ElementsAre("(4)"));
  int64_t bytes = 0;
  for (const store::StoreCall& read : table.store().calls(StoreFunction::kGetRanges)) {
    for (const ByteRange& range : read.ranges) bytes += range.size;
  }
  EXPECT_LE(explanation.bytes, bytes) << "pages, without the gaps that near ones are read across";
  EXPECT_EQ(explanation.pages, 3) << "origin, day and delay";
}

}  // namespace
}  // namespace sleeper::query
