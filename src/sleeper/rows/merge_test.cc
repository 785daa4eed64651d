#include "sleeper/rows/merge.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"
#include "sleeper/rows/merge_plan.h"

namespace sleeper::rows {
namespace {

using columnar::Batch;
using columnar::BatchOf;
using columnar::TextOf;
using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const columnar::Layout> SmallLayout() {
  static const auto layout = columnar::LayoutOf(
      R"({"rowKeyFields": [{"name": "k", "type": "StringType"}], "sortKeyFields": [{"name": "s", "type": "IntType"}],
          "valueFields": [{"name": "v", "type": "StringType", "nullable": true}]})");
  return layout;
}

std::unique_ptr<RowStream> StreamOf(std::vector<Batch> batches) {
  const auto layout = batches.front().shared_layout();
  return std::make_unique<VectorStream>(layout, std::move(batches));
}

std::vector<std::string> Merged(std::vector<std::vector<Batch>> inputs, const MergeSettings& settings = {}) {
  const auto layout = inputs.front().front().shared_layout();
  std::vector<std::unique_ptr<RowStream>> streams;
  for (auto& input : inputs) streams.push_back(StreamOf(std::move(input)));
  const auto merged = Merge(layout, std::move(streams), settings);
  return TextOf(ValueOf(Collect(*merged)));
}

TEST(Merge, RowsOfSeveralInputsComeInKeyOrder) {
  EXPECT_THAT(Merged({{BatchOf(SmallLayout(), {R"(["a","c"])", "[1,1]", R"(["one",null])"})},
                      {BatchOf(SmallLayout(), {R"(["b","c"])", "[5,0]", R"(["two","three"])"})}}),
              ElementsAre("(a, 1, one)", "(b, 5, two)", "(c, 0, three)", "(c, 1, null)"));
}

TEST(Merge, RowsOfEqualKeysAllComeBackInTheOrderOfTheInputs) {
  EXPECT_THAT(Merged({{BatchOf(SmallLayout(), {R"(["a","a"])", "[1,1]", R"(["1st","2nd"])"})},
                      {BatchOf(SmallLayout(), {R"(["a"])", "[1]", R"(["3rd"])"})},
                      {BatchOf(SmallLayout(), {R"(["a","b"])", "[1,1]", R"(["4th","5th"])"})}}),
              ElementsAre("(a, 1, 1st)", "(a, 1, 2nd)", "(a, 1, 3rd)", "(a, 1, 4th)", "(b, 1, 5th)"));
}

TEST(Merge, NoInputsMakeNoRows) {
  const auto merged = Merge(SmallLayout(), {});
  EXPECT_TRUE(ValueOf(Collect(*merged)).empty());
}

TEST(Merge, AnEndedStreamStaysEnded) {
  std::vector<std::unique_ptr<RowStream>> streams;
  streams.push_back(StreamOf({BatchOf(SmallLayout(), {R"(["a"])", "[1]", "[null]"})}));
  const auto merged = Merge(SmallLayout(), std::move(streams));
  EXPECT_EQ(ValueOf(merged->Next())->rows(), 1);
  EXPECT_FALSE(ValueOf(merged->Next()));
  EXPECT_FALSE(ValueOf(merged->Next()));
}

TEST(Merge, BatchesEndAtTheBoundsAskedFor) {
  std::vector<std::unique_ptr<RowStream>> streams;
  for (int i = 0; i < 3; ++i) streams.push_back(StreamOf({columnar::SortedCopy({{columnar::ReferenceRows(100, 7)}})}));
  const auto merged = Merge(columnar::ReferenceLayout(), std::move(streams), {.batch_rows_max = 70});
  const std::vector<Batch> batches = ValueOf(Collect(*merged));
  ASSERT_EQ(batches.size(), 5);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(batches[i].rows(), 70);
  EXPECT_EQ(batches[4].rows(), 20);
}

TEST(Merge, AnUnsortedInputIsCorruptAndNamed) {
  const auto merge = [](std::vector<Batch> second) {
    std::vector<std::unique_ptr<RowStream>> streams;
    streams.push_back(StreamOf({BatchOf(SmallLayout(), {R"(["a"])", "[1]", "[null]"})}));
    streams.push_back(StreamOf(std::move(second)));
    return Collect(*Merge(SmallLayout(), std::move(streams))).status();
  };
  EXPECT_THAT(merge({BatchOf(SmallLayout(), {R"(["b","d","c"])", "[1,1,1]", "[null,null,null]"})}),
              Fails(ErrorKind::kCorrupt, HasSubstr("input 1, row 2")));
  EXPECT_THAT(merge({BatchOf(SmallLayout(), {R"(["b"])", "[1]", "[null]"}),
                     BatchOf(SmallLayout(), {R"(["a"])", "[1]", "[null]"})}),
              Fails(ErrorKind::kCorrupt, HasSubstr("input 1")));
}

TEST(Merge, AKeyOutOfOrderBetweenTwoThatShareALongBeginningIsFound) {
  std::vector<std::unique_ptr<RowStream>> streams;
  streams.push_back(
      StreamOf({BatchOf(SmallLayout(), {R"(["customer/1","x","customer/2"])", "[1,1,1]", "[null,null,null]"})}));
  EXPECT_THAT(Collect(*Merge(SmallLayout(), std::move(streams))).status(),
              Fails(ErrorKind::kCorrupt, HasSubstr("input 0, row 1")));
}

/// Sorted inputs of random rows, cut into batches of random size, and what a stable sort of their concatenation gives.
struct RandomInputs {
  std::vector<std::vector<Batch>> inputs;
  std::vector<std::string> expected;
};

RandomInputs MakeInputs(const std::shared_ptr<const columnar::Layout>& layout, Random& random, int64_t inputs,
                        int64_t rows) {
  RandomInputs made;
  std::vector<Batch> sorted;
  for (int64_t i = 0; i < inputs; ++i) {
    const auto count = static_cast<int64_t>(random.Below(static_cast<uint64_t>(rows)) + 1);
    const Batch batch = columnar::RandomBatch(layout, count, random);
    sorted.push_back(columnar::SortedCopy({&batch, 1}));
    Batch shown = random.Below(2) == 0 ? sorted.back() : columnar::WithOffsets(sorted.back());
    made.inputs.push_back(columnar::CutIntoPieces(shown, static_cast<int64_t>(random.Below(7) + 1)));
  }
  made.expected = TextOf(columnar::SortedCopy(sorted));
  return made;
}

TEST(Merge, AgreesWithAStableSortForRandomSchemasAndAwkwardKeys) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const auto layout =
        seed % 3 == 0 ? columnar::LayoutOfAllTypes() : columnar::Layout::Of(model::RandomKeySchema(random));
    RandomInputs made = MakeInputs(layout, random, static_cast<int64_t>(random.Below(9) + 1), 40);
    EXPECT_EQ(Merged(made.inputs, {.batch_rows_max = static_cast<int64_t>(random.Below(50) + 1)}), made.expected);
  }
}

TEST(Merge, MoreInputsThanOnePlanHoldsAreMergedInRounds) {
  SeededRandom random(3);
  RandomInputs made = MakeInputs(SmallLayout(), random, 2 * MergePlan::kInputsMax + 5, 4);
  EXPECT_EQ(Merged(made.inputs), made.expected);
}

/// Rows whose keys are `letters` letters of a and b: most share a long beginning with others, and many are equal.
Batch RowsOfFewLetters(Random& random, int64_t rows, int letters, const std::string& value) {
  std::string k = "[", s = "[", v = "[";
  for (int64_t i = 0; i < rows; ++i) {
    const std::string comma = i == 0 ? "" : ",";
    std::string key;
    for (int letter = 0; letter < letters; ++letter) key += random.Below(8) == 0 ? 'b' : 'a';
    k += comma + "\"" + key + "\"";
    s += comma + std::to_string(random.Below(2));
    v += comma + "\"" + value + std::to_string(i) + "\"";
  }
  const Batch unsorted = BatchOf(SmallLayout(), {k + "]", s + "]", v + "]"});
  return columnar::SortedCopy({&unsorted, 1});
}

TEST(Merge, KeysThatShareLongBeginningsAndEqualOnesKeepTheOrderOfTheInputs) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const int letters = 3 + static_cast<int>(random.Below(40));
    std::vector<Batch> sorted;
    std::vector<std::vector<Batch>> inputs;
    for (int input = 0; input < 7; ++input) {
      const auto rows = static_cast<int64_t>(1 + random.Below(300));
      sorted.push_back(RowsOfFewLetters(random, rows, letters, std::to_string(input) + "/"));
      inputs.push_back(columnar::CutIntoPieces(sorted.back(), static_cast<int64_t>(random.Below(5) + 1)));
    }
    EXPECT_EQ(Merged(inputs, {.batch_rows_max = static_cast<int64_t>(random.Below(500) + 1)}),
              TextOf(columnar::SortedCopy(sorted)));
  }
}

TEST(Merge, WindowsOfMoreRowsThanArePlannedAtOnceAreMergedInParts) {
  SeededRandom random(8);
  std::vector<Batch> sorted;
  std::vector<std::vector<Batch>> inputs;
  for (int input = 0; input < 3; ++input) {
    sorted.push_back(RowsOfFewLetters(random, 5000, 30, std::to_string(input) + "/"));
    inputs.push_back({sorted.back()});
  }
  EXPECT_EQ(Merged(inputs), TextOf(columnar::SortedCopy(sorted)));
}

TEST(Merge, DisjointAndHalfDisjointInputsAreTakenInRuns) {
  // 300 keys each: 0.., 200.., 1000.. and a last input of one key repeated.
  const auto keys = [](int from, int step) {
    std::string k = "[", s = "[", v = "[";
    for (int i = 0; i < 300; ++i) {
      const std::string comma = i == 0 ? "" : ",";
      char text[16];
      std::snprintf(text, sizeof text, "\"%06d\"", from + i * step);
      k += comma + text;
      s += comma + "0";
      v += comma + "\"" + std::to_string(from) + "\"";
    }
    return BatchOf(SmallLayout(), {k + "]", s + "]", v + "]"});
  };
  const std::vector<Batch> inputs = {keys(0, 1), keys(200, 1), keys(1000, 1), keys(1100, 0)};
  EXPECT_EQ(Merged({{inputs[0]}, {inputs[1]}, {inputs[2]}, {inputs[3]}}), TextOf(columnar::SortedCopy(inputs)));
}

}  // namespace
}  // namespace sleeper::rows
