#include "sleeper/compact/choose_merges.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/compact/file_run.h"

namespace sleeper::compact {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Slice {
  std::string name;
  std::string first = "a";
  std::string last = "z";
  int64_t rows = 100;
  int64_t bytes = 1'000;
};

// The whole of a file.
CompactionInput Whole(const Slice& slice) {
  CompactionInput input;
  input.file.id = model::FileId(slice.name);
  input.file.bounds = {slice.first, slice.last};
  input.file.rows = slice.rows;
  input.file.size_bytes = slice.bytes;
  input.rows = slice.rows;
  return input;
}

// The rows of a file in [lower, upper), and how many they are.
CompactionInput Part(const Slice& slice, std::string lower, std::string upper, int64_t rows) {
  CompactionInput input = Whole(slice);
  input.interval = {std::move(lower), std::move(upper)};
  input.rows = rows;
  return input;
}

std::vector<CompactionInput> WholeFiles(int count, int64_t rows) {
  std::vector<CompactionInput> files;
  for (int i = 0; i < count; ++i) files.push_back(Whole({.name = "f" + std::to_string(i), .rows = rows}));
  return files;
}

std::vector<std::string> Names(const Merge& merge) {
  std::vector<std::string> names;
  for (const CompactionInput& input : merge) names.push_back(input.file.id.value());
  return names;
}

CompactionPolicy Basic(size_t batch_size) {
  return {.strategy = model::CompactionStrategy::kBasic, .files_batch_size = batch_size, .file_bytes_target = 1 << 30};
}

CompactionPolicy SizeRatio(size_t batch_size) {
  return {
      .strategy = model::CompactionStrategy::kSizeRatio, .files_batch_size = batch_size, .file_bytes_target = 1 << 30};
}

CompactionPolicy All(size_t batch_size, int64_t file_bytes_target = 1 << 30) {
  return {.mode = CompactionMode::kAll, .files_batch_size = batch_size, .file_bytes_target = file_bytes_target};
}

TEST(ChooseMerges, BasicMergesFullBatchesOfTheSmallestFiles) {
  EXPECT_THAT(ChooseMerges(WholeFiles(11, 10), 0, Basic(12)), IsEmpty());
  EXPECT_THAT(ChooseMerges(WholeFiles(26, 10), 0, Basic(12)), ElementsAre(SizeIs(12), SizeIs(12)));
  const auto merges = ChooseMerges(std::vector{Whole({.name = "large", .rows = 9}), Whole({.name = "small", .rows = 1}),
                                               Whole({.name = "medium", .rows = 5})},
                                   0, Basic(2));
  ASSERT_THAT(merges, SizeIs(1));
  EXPECT_THAT(Names(merges[0]), ElementsAre("small", "medium"));
}

TEST(ChooseMerges, FilesOfAsManyRowsKeepTheirOrder) {
  const auto merges = ChooseMerges(WholeFiles(4, 10), 0, Basic(2));
  ASSERT_THAT(merges, SizeIs(2));
  EXPECT_THAT(Names(merges[0]), ElementsAre("f0", "f1"));
  EXPECT_THAT(Names(merges[1]), ElementsAre("f2", "f3"));
}

TEST(ChooseMerges, SizeRatioLeavesTheLargeFileAlone) {
  std::vector<CompactionInput> files = WholeFiles(4, 9);
  files.insert(files.begin(), Whole({.name = "large", .rows = 100}));
  const auto merges = ChooseMerges(files, 0, SizeRatio(12));
  ASSERT_THAT(merges, SizeIs(1));
  EXPECT_THAT(Names(merges[0]), ElementsAre("f0", "f1", "f2", "f3"));
}

TEST(ChooseMerges, SizeRatioStartsOnlyAsManyJobsAsThePartitionMayHave) {
  CompactionPolicy policy = SizeRatio(4);
  policy.jobs_per_partition_max = 1;
  EXPECT_THAT(ChooseMerges(WholeFiles(8, 9), 1, policy), IsEmpty());
  EXPECT_THAT(ChooseMerges(WholeFiles(8, 9), 0, policy), SizeIs(1));
  policy.jobs_per_partition_max = 2;
  EXPECT_THAT(ChooseMerges(WholeFiles(8, 9), 0, policy), SizeIs(2));
  EXPECT_THAT(ChooseMerges(WholeFiles(8, 9), 7, policy), IsEmpty());
}

TEST(ChooseMerges, AllMergesEveryFileInBatches) {
  EXPECT_THAT(ChooseMerges(WholeFiles(26, 10), 0, All(12)), ElementsAre(SizeIs(12), SizeIs(12), SizeIs(2)));
  EXPECT_THAT(ChooseMerges(WholeFiles(2, 10), 0, All(12)), ElementsAre(SizeIs(2)));
}

TEST(ChooseMerges, AllLeavesAWholeFileThatIsAlone) {
  EXPECT_THAT(ChooseMerges(WholeFiles(1, 10), 0, All(12)), IsEmpty());
  EXPECT_THAT(ChooseMerges(WholeFiles(13, 10), 0, All(12)), ElementsAre(SizeIs(12)));
}

TEST(ChooseMerges, AllRewritesAFileOfWhichOnlyAPartIsHere) {
  const auto part = Part({.name = "shared", .first = "a", .last = "z"}, "", "m", 40);
  EXPECT_THAT(ChooseMerges(std::vector{part}, 0, All(12)), ElementsAre(SizeIs(1)));
  EXPECT_THAT(ChooseMerges(std::vector{part}, 0, Basic(2)), IsEmpty());
}

TEST(ChooseMerges, AllRewritesAFileWhoseRowsAreNotKnown) {
  CompactionInput estimated = Whole({.name = "estimated"});
  estimated.rows_exact = false;
  EXPECT_THAT(ChooseMerges(std::vector{estimated}, 0, All(12)), ElementsAre(SizeIs(1)));
}

TEST(ChooseMerges, FilesOfFullSizeThatFollowOneAnotherAreNotMergedAgain) {
  const std::vector files = {Whole({.name = "1", .first = "a", .last = "f", .bytes = 1'000}),
                             Whole({.name = "2", .first = "g", .last = "m", .bytes = 1'000}),
                             Whole({.name = "3", .first = "n", .last = "z", .bytes = 1'200})};
  EXPECT_THAT(ChooseMerges(files, 0, All(2, 1'000)), IsEmpty());
  CompactionPolicy basic = Basic(3);
  basic.file_bytes_target = 1'000;
  EXPECT_THAT(ChooseMerges(files, 0, basic), IsEmpty());
}

TEST(ChooseMerges, ASmallFileOverlappingARunIsMergedWithAllOfItByAll) {
  const std::vector files = {Whole({.name = "1", .first = "a", .last = "f", .bytes = 1'000}),
                             Whole({.name = "2", .first = "g", .last = "m", .bytes = 1'000}),
                             Whole({.name = "small", .first = "e", .last = "h", .rows = 1, .bytes = 10})};
  const auto merges = ChooseMerges(files, 0, All(2, 1'000));
  ASSERT_THAT(merges, SizeIs(1));
  EXPECT_THAT(Names(merges[0]), ElementsAre("small", "1", "2"));
}

TEST(ChooseMerges, SizeRatioComparesASmallFileWithTheWholeRun) {
  std::vector<CompactionInput> files;
  for (const char* name : {"b", "d", "f", "h"}) {
    files.push_back(Whole({.name = name, .first = name, .last = name, .rows = 100, .bytes = 1'000}));
  }
  files.push_back(Whole({.name = "small", .first = "a", .last = "z", .rows = 1, .bytes = 10}));
  CompactionPolicy policy = SizeRatio(12);
  policy.file_bytes_target = 1'000;
  // File by file they would meet the ratio; but 400 rows would be rewritten to add one.
  EXPECT_THAT(ChooseMerges(files, 0, policy), IsEmpty());
}

TEST(MakeRuns, FilesThatShareOnlyAKeyOverlap) {
  const std::vector files = {Whole({.name = "1", .first = "a", .last = "m", .bytes = 1'000}),
                             Whole({.name = "2", .first = "m", .last = "z", .bytes = 1'000})};
  EXPECT_THAT(MakeRuns(files, 1'000), SizeIs(2));
  EXPECT_TRUE(AnyOverlap(MakeRuns(files, 1'000)));
}

TEST(MakeRuns, SlicesCutAtOneKeyFollowOneAnother) {
  const Slice file = {.name = "file", .first = "a", .last = "z", .bytes = 4'000};
  const std::vector files = {Part(file, "m", "zz", 50), Part(file, "", "m", 50)};
  const std::vector<FileRun> runs = MakeRuns(files, 1'000);
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].files[0].interval.lower, "");
  EXPECT_EQ(runs[0].rows, 100);
  EXPECT_EQ(runs[0].bytes, 4'000);
}

TEST(OutputFiles, AreOfFullSizeUnlessThereIsOnlyOne) {
  EXPECT_EQ(OutputFiles(0, 1'000), 1);
  EXPECT_EQ(OutputFiles(1'999, 1'000), 1);
  EXPECT_EQ(OutputFiles(2'000, 1'000), 2);
}

// What a job would leave behind: files of equal rows, one behind the other.
std::vector<CompactionInput> Outcome(const Merge& merge, int64_t target, int& names) {
  int64_t rows = 0;
  int64_t bytes = 0;
  std::string first = merge[0].FirstKey();
  std::string last;
  for (const CompactionInput& input : merge) {
    rows += input.rows;
    bytes += input.EstimatedBytes();
    first = std::min(first, input.FirstKey());
    last = std::max(last, input.file.bounds.max);
  }
  const int64_t files = OutputFiles(bytes, target);
  const int64_t step = (static_cast<int64_t>(std::stoi(last)) - std::stoi(first)) / files;
  std::vector<CompactionInput> outputs;
  for (int64_t i = 0; i < files; ++i) {
    const std::string lower = std::to_string(std::stoi(first) + i * step);
    const std::string upper = i + 1 == files ? last : std::to_string(std::stoi(first) + (i + 1) * step - 1);
    outputs.push_back(Whole({.name = "o" + std::to_string(names++),
                             .first = lower,
                             .last = upper,
                             .rows = rows / files,
                             .bytes = bytes / files}));
  }
  return outputs;
}

TEST(ChooseMerges, AllComesToAnEndWithFilesThatDoNotOverlap) {
  const uint64_t seed = SystemRandom().Next();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  for (int trial = 0; trial < 50; ++trial) {
    const int64_t target = 1'000;
    int names = 0;
    std::vector<CompactionInput> files;
    for (uint64_t i = 0, count = 1 + random.Below(60); i < count; ++i) {
      const uint64_t first = 100'000 + random.Below(400'000);
      const uint64_t last = first + 20'000 + random.Below(400'000);
      const auto size = static_cast<int64_t>(1 + random.Below(random.Below(4) == 0 ? 5'000 : 300));
      files.push_back(Whole({.name = "i" + std::to_string(names++),
                             .first = std::to_string(first),
                             .last = std::to_string(last),
                             .rows = size,
                             .bytes = size}));
    }
    const CompactionPolicy policy = All(2 + random.Below(11), target);
    int rounds = 0;
    for (;; ++rounds) {
      ASSERT_LT(rounds, 20) << files.size() << " files";
      const std::vector<Merge> merges = ChooseMerges(files, 0, policy);
      if (merges.empty()) break;
      for (const Merge& merge : merges) {
        std::erase_if(files,
                      [&](const CompactionInput& file) { return std::ranges::find(merge, file) != merge.end(); });
        std::ranges::copy(Outcome(merge, target, names), std::back_inserter(files));
      }
    }
    EXPECT_FALSE(AnyOverlap(MakeRuns(files, target)));
  }
}

}  // namespace
}  // namespace sleeper::compact
