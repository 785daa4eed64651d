#include "tests/sim/log_scenario.h"

#include <cstdint>
#include <ostream>

#include <gtest/gtest.h>

#include "tests/sim/defect.h"
#include "tests/sim/seeds.h"

namespace sleeper::sim {

static void PrintTo(Defect defect, std::ostream* out) { *out << DefectName(defect); }

namespace {

/// Much of what leads astray, so that few seeds will do.
Personality Unkind() {
  Personality personality;
  personality.budget = 200;
  personality.slowness_max = 128;
  for (Fault fault : {Fault::kAnswerLost, Fault::kLate, Fault::kStall, Fault::kPause}) {
    personality.rates[static_cast<size_t>(fault)] = 0.05;
  }
  return personality;
}

class DefectTest : public ::testing::TestWithParam<Defect> {};

// A scenario that finds nothing in a broken system proves nothing about a sound one.
TEST_P(DefectTest, IsFoundByTheLogScenario) {
  constexpr uint64_t kSeedsMax = 60;
  const Personality personality = Unkind();
  for (uint64_t seed = 0; seed < kSeedsMax; ++seed) {
    const RunReport report = RunOnce(LogScenario(), {.seed = seed, .personality = &personality, .defect = GetParam()});
    if (report.ok()) continue;
    RecordProperty("seeds", static_cast<int>(seed + 1));
    RecordProperty("violation", report.violations.front());
    return;
  }
  FAIL() << "not found in " << kSeedsMax << " seeds";
}

INSTANTIATE_TEST_SUITE_P(All, DefectTest, testing::ValuesIn(AllDefects()));

TEST(LogScenario, MeetsWhatItIsThereFor) {
  SeedsReport report;
  for (uint64_t seed = 0; seed < 8; ++seed) report.Add(RunOnce(LogScenario(), {.seed = seed}));
  EXPECT_EQ(report.failed_seeds, 0) << report.failed.front();
  for (const char* what : {"jobs acknowledged", "jobs found done", "ReplaceFiles", "SplitPartitions",
                           "entries truncated", "snapshots", "fault: late"}) {
    EXPECT_GT(report.counts[what], 0) << what;
  }
}

}  // namespace
}  // namespace sleeper::sim
