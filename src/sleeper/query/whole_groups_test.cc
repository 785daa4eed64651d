#include "sleeper/query/whole_groups.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::query {
namespace {

using model::Fails;
using model::ValueOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<const columnar::Layout> Numbers() {
  return columnar::LayoutOf(R"({"rowKeyFields": [{"name": "key", "type": "LongType"}],
                                "valueFields": [{"name": "value", "type": "LongType"}]})");
}

model::NormalisedKey Key(int64_t value) { return model::EncodeKey(std::vector<model::KeyValue>{value}); }

/// Batches of keys, and then perhaps a failure. Values count the rows.
class KeysStream final : public rows::RowStream {
 public:
  KeysStream(std::vector<std::vector<int64_t>> batches, Status end = Status::OK())
      : batches_(std::move(batches)), end_(std::move(end)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }

  Result<std::optional<columnar::Batch>> Next() override {
    if (next_ == batches_.size()) {
      TRY(end_);
      return std::nullopt;
    }
    std::string keys;
    std::string values;
    for (const int64_t key : batches_[next_++]) {
      keys += (keys.empty() ? "" : ",") + std::to_string(key);
      values += (values.empty() ? "" : ",") + std::to_string(count_++);
    }
    return std::optional(columnar::BatchOf(layout_, {"[" + keys + "]", "[" + values + "]"}));
  }

 private:
  const std::shared_ptr<const columnar::Layout> layout_ = Numbers();
  const std::vector<std::vector<int64_t>> batches_;
  const Status end_;
  size_t next_ = 0;
  int64_t count_ = 0;
};

WholeGroups Of(std::vector<std::vector<int64_t>> batches, Status end = Status::OK(),
               int64_t held_bytes_max = WholeGroups::kHeldBytesMax) {
  return WholeGroups(std::make_unique<KeysStream>(std::move(batches), std::move(end)), held_bytes_max);
}

/// All rows up to the end or a failure.
std::vector<std::string> Drain(WholeGroups& groups) {
  std::vector<columnar::Batch> batches;
  for (;;) {
    auto batch = groups.Next();
    if (!batch.ok() || !*batch) return columnar::TextOf(batches);
    EXPECT_GT((*batch)->rows(), 0);
    batches.push_back(**batch);
  }
}

TEST(WholeGroups, PassesAllRowsOn) {
  WholeGroups groups = Of({{1, 2, 2}, {2}, {2, 3}, {5, 5}});
  EXPECT_THAT(Drain(groups),
              ElementsAre("(1, 0)", "(2, 1)", "(2, 2)", "(2, 3)", "(2, 4)", "(3, 5)", "(5, 6)", "(5, 7)"));
  EXPECT_EQ(groups.passed(), Key(5));
}

TEST(WholeGroups, PassesNothingOnOfNothing) {
  WholeGroups groups = Of({});
  EXPECT_THAT(Drain(groups), ElementsAre());
  EXPECT_EQ(groups.passed(), std::nullopt);
}

TEST(WholeGroups, HoldsAGroupBackUntilItIsComplete) {
  WholeGroups groups = Of({{1, 2}, {2, 2}, {2}}, Error(ErrorKind::kNotFound, "gone"));
  EXPECT_THAT(columnar::TextOf(*ValueOf(groups.Next())), ElementsAre("(1, 0)"));
  EXPECT_EQ(groups.passed(), Key(1));
  EXPECT_THAT(groups.Next().status(), Fails(ErrorKind::kNotFound, HasSubstr("gone")));
  EXPECT_EQ(groups.passed(), Key(1));
  EXPECT_FALSE(groups.is_inside_group());
}

TEST(WholeGroups, PassesEveryCompleteGroupOnBeforeItFails) {
  WholeGroups groups = Of({{1, 1, 2, 3, 3, 4}}, Error(ErrorKind::kNotFound, "gone"));
  EXPECT_THAT(Drain(groups), ElementsAre("(1, 0)", "(1, 1)", "(2, 2)", "(3, 3)", "(3, 4)"));
  EXPECT_EQ(groups.passed(), Key(3));
}

TEST(WholeGroups, KnowsThatAGroupEndedWithABatch) {
  WholeGroups groups = Of({{1, 2}, {3, 4}}, Error(ErrorKind::kNotFound, "gone"));
  EXPECT_THAT(Drain(groups), ElementsAre("(1, 0)", "(2, 1)", "(3, 2)"));
  EXPECT_EQ(groups.passed(), Key(3));
}

TEST(WholeGroups, PassesAGroupThatTakesTooMuchMemoryOnInPartsAndSaysSo) {
  WholeGroups groups = Of({{1, 2}, {2, 2}, {2}, {3}}, Status::OK(), 40);
  EXPECT_THAT(columnar::TextOf(*ValueOf(groups.Next())), ElementsAre("(1, 0)"));
  EXPECT_FALSE(groups.is_inside_group());
  EXPECT_THAT(columnar::TextOf(*ValueOf(groups.Next())), ElementsAre("(2, 1)"));
  EXPECT_TRUE(groups.is_inside_group());
  EXPECT_EQ(groups.passed(), Key(1));
  EXPECT_THAT(Drain(groups), ElementsAre("(2, 2)", "(2, 3)", "(2, 4)", "(3, 5)"));
  EXPECT_FALSE(groups.is_inside_group());
  EXPECT_EQ(groups.passed(), Key(3));
}

TEST(WholeGroups, AgreesWithAPlainWalkOverRandomBatches) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    std::vector<std::vector<int64_t>> batches(1 + random.Below(6));
    int64_t key = 0;
    std::vector<std::string> complete;
    std::vector<std::pair<int64_t, std::string>> rows;
    for (std::vector<int64_t>& batch : batches) {
      const uint64_t count = 1 + random.Below(5);
      for (uint64_t i = 0; i < count; ++i) {
        if (random.Below(3) == 0) ++key;
        batch.push_back(key);
        rows.emplace_back(key, "(" + std::to_string(key) + ", " + std::to_string(rows.size()) + ")");
      }
    }
    for (const auto& [row_key, text] : rows) {
      if (row_key != key) complete.push_back(text);
    }
    WholeGroups groups = Of(batches, Error(ErrorKind::kNotFound, "gone"));
    EXPECT_EQ(Drain(groups), complete);
    const std::optional<model::NormalisedKey> before =
        complete.empty() ? std::nullopt : std::optional(Key(rows[complete.size() - 1].first));
    EXPECT_EQ(groups.passed(), before);
  }
}

}  // namespace
}  // namespace sleeper::query
