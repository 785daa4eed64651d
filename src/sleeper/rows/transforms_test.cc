#include "sleeper/rows/transforms.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/rows/read_ahead.h"

namespace sleeper::rows {
namespace {

using columnar::Batch;
using columnar::BatchOf;
using columnar::TextOf;
using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<const columnar::Layout> SmallLayout() {
  static const auto layout = columnar::LayoutOf(
      R"({"rowKeyFields": [{"name": "k", "type": "IntType"}], "valueFields": [{"name": "v", "type": "StringType"}]})");
  return layout;
}

/// (1, one) (2, two) | (3, three) (4, four)
std::vector<Batch> FourRows() {
  return {BatchOf(SmallLayout(), {"[1,2]", R"(["one","two"])"}),
          BatchOf(SmallLayout(), {"[3,4]", R"(["three","four"])"})};
}

/// Counts how often it is asked, and may fail after its batches.
class WatchedStream final : public RowStream {
 public:
  WatchedStream(std::vector<Batch> batches, int& asked, Status end = Status::OK())
      : inner_(SmallLayout(), std::move(batches)), asked_(asked), end_(std::move(end)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return inner_.layout(); }
  Result<std::optional<Batch>> Next() override {
    ++asked_;
    TRY_ASSIGN(std::optional<Batch> batch, inner_.Next());
    if (!batch) TRY(end_);
    return batch;
  }

 private:
  VectorStream inner_;
  int& asked_;
  Status end_;
};

class Transforms : public testing::Test {
 protected:
  std::unique_ptr<RowStream> Four() { return std::make_unique<WatchedStream>(FourRows(), asked_); }
  static std::vector<std::string> All(std::unique_ptr<RowStream> stream) { return TextOf(ValueOf(Collect(*stream))); }
  static model::KeyInterval Between(int lower, int upper) {
    return {model::EncodeKey(model::KeyTuple{lower}), model::EncodeKey(model::KeyTuple{upper})};
  }

  int asked_ = 0;
};

TEST_F(Transforms, AVectorPassesOverEmptyBatches) {
  std::vector<Batch> batches = FourRows();
  batches.insert(batches.begin() + 1, batches.front().Slice(0, 0));
  VectorStream stream(SmallLayout(), std::move(batches));
  EXPECT_EQ(ValueOf(Collect(stream)).size(), 2);
  EXPECT_FALSE(ValueOf(stream.Next()));
}

TEST_F(Transforms, RestrictKeepsTheIntervalAndStopsBehindIt) {
  EXPECT_THAT(All(Restrict(Four(), Between(2, 4))), ElementsAre("(2, two)", "(3, three)"));
  asked_ = 0;
  EXPECT_THAT(All(Restrict(Four(), Between(1, 2))), ElementsAre("(1, one)"));
  EXPECT_EQ(asked_, 1);
  EXPECT_THAT(All(Restrict(Four(), Between(5, 9))), IsEmpty());
  EXPECT_EQ(All(Restrict(Four(), model::KeyInterval::All())).size(), 4);
}

TEST_F(Transforms, LimitTakesTheFirstRowsAndAsksForNoMore) {
  EXPECT_THAT(All(Limit(Four(), 3)), ElementsAre("(1, one)", "(2, two)", "(3, three)"));
  asked_ = 0;
  EXPECT_THAT(All(Limit(Four(), 2)), ElementsAre("(1, one)", "(2, two)"));
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(All(Limit(Four(), 100)).size(), 4);
  EXPECT_THAT(All(Limit(Four(), 0)), IsEmpty());
}

TEST_F(Transforms, ProjectKeepsSomeColumns) {
  const std::vector<std::string> names = {"v"};
  EXPECT_THAT(All(Project(Four(), ValueOf(SmallLayout()->Select(names)))),
              ElementsAre("(one)", "(two)", "(three)", "(four)"));
}

TEST_F(Transforms, FilterKeepsRowsOfTheRegions) {
  const auto region = [](int value) {
    const auto range = ValueOf(model::Range::Exact(SmallLayout()->schema().field(0), value));
    return ValueOf(model::Region::Make(SmallLayout()->schema(), {range}));
  };
  const std::vector<model::Region> regions = {region(1), region(4)};
  EXPECT_THAT(All(ValueOf(FilterRegions(Four(), regions))), ElementsAre("(1, one)", "(4, four)"));
  const std::vector<model::Region> none = {region(7)};
  EXPECT_THAT(All(ValueOf(FilterRegions(Four(), none))), IsEmpty());
}

class ReadAheadTest : public Transforms {
 protected:
  SystemClock clock_;
  ThreadExecutor executor_{1, clock_};
};

TEST_F(ReadAheadTest, HandsOutAllBatchesAndThenTheEnd) {
  const auto stream = ReadAhead(Four(), executor_, 1);
  EXPECT_EQ(TextOf(ValueOf(Collect(*stream))), TextOf(FourRows()));
  EXPECT_FALSE(ValueOf(stream->Next()));
}

TEST_F(ReadAheadTest, HandsOutWhatCameBeforeAFailure) {
  const auto stream = ReadAhead(
      std::make_unique<WatchedStream>(FourRows(), asked_, Error(ErrorKind::kUnavailable, "gone")), executor_, 4);
  EXPECT_TRUE(ValueOf(stream->Next()));
  EXPECT_TRUE(ValueOf(stream->Next()));
  EXPECT_THAT(stream->Next().status(), Fails(ErrorKind::kUnavailable, HasSubstr("gone")));
}

/// Batches without end.
class EndlessStream final : public RowStream {
 public:
  const std::shared_ptr<const columnar::Layout>& layout() const override { return batch_.shared_layout(); }
  Result<std::optional<Batch>> Next() override { return std::optional(batch_); }

 private:
  Batch batch_ = FourRows().front();
};

TEST_F(ReadAheadTest, CanBeDroppedWhileTheReaderWaits) {
  const auto stream = ReadAhead(std::make_unique<EndlessStream>(), executor_, 2);
  EXPECT_TRUE(ValueOf(stream->Next()));
}

TEST_F(ReadAheadTest, CanBeDroppedWithoutHavingBeenAsked) {
  ReadAhead(std::make_unique<EndlessStream>(), executor_, 1);
}

}  // namespace
}  // namespace sleeper::rows
