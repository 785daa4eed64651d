#include "sleeper/state/compaction_age.h"

#include <string>

#include <gtest/gtest.h>

#include "sleeper/state/testing/test_table.h"

namespace sleeper::state {
namespace {

using std::chrono::hours;

TEST(CompactionPatience, DoublesWithEachTimeThatTheFilesWereTriedUpToABound) {
  TestTable table;
  ASSERT_EQ(table.Add({table.File("a", {"b", "c"}, 10), table.File("b", {"b", "c"}, 10)}), "applied");
  for (const int64_t expected : {1, 2, 4, 8, 16, 32, 64, 64, 64}) {
    const UnfinishedJob job = table.Compaction("job of " + std::to_string(table.state().number()), "b");
    ASSERT_EQ(table.Do(AssignJobs{{job}}), "applied");
    EXPECT_EQ(CompactionPatience(table.state(), *table.state().FindJob(job.id)), Duration(hours(expected)));
    ASSERT_EQ(table.Do(ReleaseJobs{{{job.id, JobResult::kReleased, "silent"}}}), "applied");
  }
}

TEST(CompactionPatience, IsNotShortenedByASplit) {
  TestTable table;
  ASSERT_EQ(table.Add({table.File("a", {"b", "x"}, 10)}), "applied");
  const UnfinishedJob tried = table.Compaction("tried", "b");
  ASSERT_EQ(table.Do(AssignJobs{{tried}}), "applied");
  ASSERT_EQ(table.Do(ReleaseJobs{{{tried.id, JobResult::kReleased, "silent"}}}), "applied");
  const UnfinishedJob again = table.Compaction("again", "b");
  ASSERT_EQ(table.Do(AssignJobs{{again}}), "applied");
  ASSERT_EQ(table.Do(SplitPartitions{{{table.state().partitions().Find("b").id, {"m"}}}}), "applied");
  EXPECT_EQ(CompactionPatience(table.state(), *table.state().FindJob(again.id)), Duration(hours(2)));
}

}  // namespace
}  // namespace sleeper::state
