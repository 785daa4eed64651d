#include "sleeper/query/read_steps.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/model/key_codec.h"

namespace sleeper::query {
namespace {

using ::testing::ElementsAre;

using Sequences = std::vector<std::vector<size_t>>;

model::NormalisedKey Key(int64_t value) { return model::EncodeKey(std::vector<model::KeyValue>{value}); }

/// Files with the keys from the first to the second number of each pair, both included.
PlannedPartition PartitionOf(const std::vector<std::pair<int64_t, int64_t>>& files) {
  PlannedPartition planned{
      .partition = {}, .segments = {{.intervals = {model::KeyInterval::All()}, .residual = {}}}, .files = {}};
  for (const auto& [min, max] : files) {
    state::ReferencedFile file;
    file.reference.interval = model::KeyInterval::All();
    file.file.bounds = {Key(min), Key(max)};
    planned.files.push_back(std::move(file));
  }
  return planned;
}

std::vector<Sequences> StepsOf(const PlannedPartition& planned, size_t side_by_side) {
  std::vector<Sequences> steps;
  for (ReadStep& step : PlanReadSteps(planned, side_by_side)) steps.push_back(std::move(step.sequences));
  return steps;
}

TEST(PlanReadSteps, ReadsFewFilesSideBySideInTheirOrder) {
  EXPECT_THAT(StepsOf(PartitionOf({{20, 29}, {0, 9}, {10, 19}}), 3), ElementsAre(Sequences{{0}, {1}, {2}}));
}

TEST(PlanReadSteps, ReadsFilesThatDoNotOverlapStepByStep) {
  EXPECT_THAT(StepsOf(PartitionOf({{20, 29}, {0, 9}, {10, 19}, {40, 49}, {30, 39}}), 2),
              ElementsAre(Sequences{{1}, {2}}, Sequences{{0}, {4}}, Sequences{{3}}));
}

TEST(PlanReadSteps, CutsNoStepWhereTwoFilesShareAKey) {
  EXPECT_THAT(StepsOf(PartitionOf({{0, 9}, {9, 19}, {20, 29}}), 1), ElementsAre(Sequences{{0}, {1}}, Sequences{{2}}));
}

TEST(PlanReadSteps, ReadsAFileBehindAnotherWhereOneOverlapsBoth) {
  EXPECT_THAT(StepsOf(PartitionOf({{0, 99}, {0, 9}, {10, 19}, {20, 29}}), 1), ElementsAre(Sequences{{0}, {1, 2, 3}}));
}

TEST(PlanReadSteps, OpensAsManyAsOverlapIfThoseAreMore) {
  EXPECT_THAT(StepsOf(PartitionOf({{0, 9}, {0, 9}, {5, 6}, {20, 29}}), 2),
              ElementsAre(Sequences{{0}, {1}, {2}}, Sequences{{3}}));
}

TEST(PlanReadSteps, LooksAtNoRowsBesideAReference) {
  PlannedPartition planned = PartitionOf({{0, 50}, {40, 90}});
  planned.files[0].reference.interval.upper = Key(40);
  EXPECT_THAT(StepsOf(planned, 1), ElementsAre(Sequences{{0}}, Sequences{{1}}));
}

TEST(PlanReadSteps, TakesEveryFileOnceInKeyOrderAndOpensNoMoreThanOverlap) {
  constexpr uint64_t kSeed = 5;
  SeededRandom random(kSeed);
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(::testing::Message() << "seed " << kSeed << ", round " << round);
    std::vector<std::pair<int64_t, int64_t>> files(1 + random.Next() % 40);
    for (auto& [min, max] : files) {
      min = static_cast<int64_t>(random.Next() % 100);
      max = min + static_cast<int64_t>(random.Next() % 8);
    }
    size_t overlap = 0;
    for (int64_t key = 0; key < 110; ++key) {
      overlap = std::max(overlap, static_cast<size_t>(std::count_if(files.begin(), files.end(), [&](const auto& file) {
                           return file.first <= key && key <= file.second;
                         })));
    }
    const size_t side_by_side = 1 + random.Next() % 6;
    std::vector<int> taken(files.size());
    int64_t step_begin = -1;
    for (const ReadStep& step : PlanReadSteps(PartitionOf(files), side_by_side)) {
      EXPECT_LE(step.sequences.size(), std::max(overlap, side_by_side));
      int64_t step_end = step_begin;
      for (const std::vector<size_t>& sequence : step.sequences) {
        int64_t last = step_begin;
        for (const size_t file : sequence) {
          ++taken[file];
          EXPECT_GT(files[file].first, last);
          last = files[file].second;
        }
        step_end = std::max(step_end, last);
      }
      step_begin = step_end;
    }
    EXPECT_THAT(taken, ::testing::Each(1));
  }
}

TEST(BatchRowsOf, SharesTheBytesAmongTheFilesThatAreOpen) {
  model::FileRecord file;
  file.size_bytes = 100'000;
  file.rows = 1'000;
  EXPECT_EQ(BatchRowsOf(file, 4, 32 << 20), 4096);
  EXPECT_EQ(BatchRowsOf(file, 600, 32 << 20), (32 << 20) / 600 / 400);
  EXPECT_EQ(BatchRowsOf(file, 100'000, 32 << 20), 64);
}

}  // namespace
}  // namespace sleeper::query
