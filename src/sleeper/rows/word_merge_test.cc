#include "sleeper/rows/word_merge.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"

namespace sleeper::rows {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

std::vector<uint64_t> Merged(WordMerge& merge, const std::vector<std::vector<uint64_t>>& sequences) {
  size_t words = 0;
  for (const auto& sequence : sequences) words += sequence.size();
  merge.Start(sequences.size(), words);
  for (const auto& sequence : sequences) std::ranges::copy(sequence, merge.Add(sequence.size()).begin());
  const std::span<const uint64_t> merged = merge.Merge();
  return {merged.begin(), merged.end()};
}

TEST(WordMerge, SequencesBecomeOne) {
  WordMerge merge;
  EXPECT_THAT(Merged(merge, {{1, 4, 9}, {2, 4}, {3}}), ElementsAre(1, 2, 3, 4, 4, 9));
}

TEST(WordMerge, ThereMayBeNoneAndEmptyOnes) {
  WordMerge merge;
  EXPECT_THAT(Merged(merge, {}), IsEmpty());
  EXPECT_THAT(Merged(merge, {{}, {}, {}}), IsEmpty());
  EXPECT_THAT(Merged(merge, {{}, {5, 6}, {}, {}, {4}}), ElementsAre(4, 5, 6));
}

TEST(WordMerge, SequenceMayLieBehindAllOthers) {
  WordMerge merge;
  EXPECT_THAT(Merged(merge, {{WordMerge::kBehindAll - 1}, {1, 2, 3, 4}}),
              ElementsAre(1, 2, 3, 4, WordMerge::kBehindAll - 1));
}

TEST(WordMerge, AgreesWithASortForRandomSequencesAndItsMemoryIsUsedAgain) {
  WordMerge merge;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    // Few different words, or many.
    const uint64_t words_below = random.Below(2) == 0 ? 6 : uint64_t{1} << 62;
    std::vector<std::vector<uint64_t>> sequences(random.Below(20));
    std::vector<uint64_t> expected;
    for (auto& sequence : sequences) {
      sequence.resize(random.Below(30));
      for (uint64_t& word : sequence) word = 1 + random.Below(words_below);
      std::ranges::sort(sequence);
      expected.insert(expected.end(), sequence.begin(), sequence.end());
    }
    std::ranges::sort(expected);
    EXPECT_THAT(Merged(merge, sequences), ElementsAreArray(expected));
  }
}

}  // namespace
}  // namespace sleeper::rows
