#include <algorithm>
#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "sleeper/store/path_rules.h"
#include "tests/sim/defect.h"
#include "tests/sim/instance_scenario.h"
#include "tests/sim/log_scenario.h"
#include "tests/sim/registry_scenario.h"
#include "tests/sim/seeds.h"
#include "tests/sim/table_scenario.h"

namespace sleeper::sim {
namespace {

/// Much of what leads astray, so that few seeds will do.
Personality Unkind() {
  Personality personality;
  personality.budget = 200;
  personality.slowness_max = 128;
  for (Fault fault : {Fault::kAnswerLost, Fault::kLate, Fault::kStall, Fault::kPause}) {
    personality.rates[static_cast<size_t>(fault)] = 0.1;
  }
  return personality;
}

struct Flaw {
  std::string_view name;
  Scenario (*scenario)();
  Defect defect;
};

void PrintTo(const Flaw& flaw, std::ostream* out) { *out << flaw.name << ", " << DefectName(flaw.defect); }

std::vector<Flaw> Flaws() {
  std::vector<Flaw> flaws;
  for (Defect defect : AllDefects()) {
    // It takes writers that meet at every entry.
    if (defect == Defect::kTornListing) continue;
    flaws.push_back({"log", &LogScenario, defect});
  }
  flaws.push_back({"slots", &SlotsScenario, Defect::kTornListing});
  for (Defect defect : {Defect::kIgnoresIfAbsent, Defect::kExistsIsSuccess, Defect::kStaleListing}) {
    flaws.push_back({"registry", &RegistryScenario, defect});
    flaws.push_back({"table", &TableScenario, defect});
  }
  flaws.push_back({"table", &TableScenario, Defect::kUnknownIsSuccess});
  return flaws;
}

class FlawTest : public ::testing::TestWithParam<Flaw> {};

// A scenario that finds nothing in a broken system proves nothing about a sound one.
TEST_P(FlawTest, IsFound) {
  constexpr uint64_t kSeedsMax = 60;
  const Scenario scenario = GetParam().scenario();
  const Personality personality = Unkind();
  for (uint64_t seed = 0; seed < kSeedsMax; ++seed) {
    const RunReport report =
        RunOnce(scenario, {.seed = seed, .personality = &personality, .defect = GetParam().defect});
    if (report.ok()) continue;
    RecordProperty("seeds", static_cast<int>(seed + 1));
    RecordProperty("violation", report.violations.front());
    return;
  }
  FAIL() << "not found in " << kSeedsMax << " seeds";
}

INSTANTIATE_TEST_SUITE_P(All, FlawTest, testing::ValuesIn(Flaws()));

/// A few seeds of a scenario, and what they must have met to be worth anything.
void ExpectMet(const Scenario& scenario, uint64_t seeds, const std::vector<std::string>& what) {
  SeedsReport report;
  for (uint64_t seed = 0; seed < seeds; ++seed) report.Add(RunOnce(scenario, {.seed = seed}));
  EXPECT_EQ(report.failed_seeds, 0) << report.failed.front();
  for (const std::string& met : what) EXPECT_GT(report.counts[met], 0) << met;
}

TEST(SlotsScenario, MeetsWhatItIsThereFor) {
  ExpectMet(SlotsScenario(), 40,
            {"jobs acknowledged", "entries truncated", "snapshots", "strays", "entries that appeared again"});
}

TEST(LogScenario, MeetsWhatItIsThereFor) {
  ExpectMet(LogScenario(), 8,
            {"jobs acknowledged", "jobs found done", "ReplaceFiles", "SplitPartitions", "entries truncated",
             "snapshots", "fault: late"});
}

TEST(RegistryScenario, MeetsWhatItIsThereFor) {
  ExpectMet(
      RegistryScenario(), 20,
      {"tables created", "tables dropped", "tables renamed", "tables barred", "entries truncated", "fault: late"});
}

TEST(TableScenario, MeetsWhatItIsThereFor) {
  ExpectMet(TableScenario(), 5,
            {"jobs acknowledged", "queries answered", "compaction jobs done", "SplitPartitions", "entries truncated",
             "files collected", "orphans swept"});
}

TEST(InstanceScenario, MeetsWhatItIsThereFor) {
  ExpectMet(InstanceScenario(), 25,
            {"jobs acknowledged", "queries answered", "ReplaceFiles", "SplitPartitions", "tables dropped",
             "tables renamed", "ingests into dropped tables", "data files deleted"});
}

/// Every path that is ever written.
class PathBook final : public ObjectWatcher {
 public:
  void Written(const store::ObjectPath& path, const Buffer& /*bytes*/) override { paths_.insert(path); }
  void Deleted(const store::ObjectPath& /*path*/) override {}

  const std::set<store::ObjectPath>& paths() const { return paths_; }

 private:
  std::set<store::ObjectPath> paths_;
};

TEST(InstanceScenario, WritesOnlyPathsThatComeInOneOrderByKeysAndByFolders) {
  constexpr uint64_t kSeeds = 10;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    PathBook book;
    Simulation simulation({.seed = seed});
    simulation.objects().Watch(book);
    InstanceScenario().play(simulation);
    const store::ObjectPath* last = nullptr;
    for (const store::ObjectPath& path : book.paths()) {
      EXPECT_EQ(path.value().find('\\'), std::string::npos) << path;
      if (last != nullptr) {
        EXPECT_TRUE(store::ComesFirstByFolder(last->value(), path.value())) << *last << ", " << path;
      }
      last = &path;
    }
    EXPECT_GT(book.paths().size(), 10U);
  }
}

TEST(Personality, HasALooseStoreInSomeSeeds) {
  int64_t loose = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    loose += Personality::Draw(seed).store_habits == StoreHabits::kLoose ? 1 : 0;
  }
  EXPECT_EQ(loose, 25);
}

TEST(LooseStore, LetsEveryUploadWinThatEndsTogetherWithAnother) {
  Personality personality;
  personality.store_habits = StoreHabits::kLoose;
  int64_t winners_max = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Simulation simulation({.seed = seed, .personality = &personality});
    int64_t winners = 0;
    for (const char* name : {"first", "second"}) {
      simulation.AddActor(name, [&](Actor& actor) {
        const auto writer =
            actor.store().OpenWriter(store::ObjectPath("a"), store::PutMode::kIfAbsent, {}).ValueOrDie();
        ASSERT_TRUE(writer->Append(Buffer::CopyOf(name), {}).ok());
        if (writer->Finish({}).ValueOrDie() == store::PutOutcome::kCreated) ++winners;
      });
    }
    simulation.Run();
    winners_max = std::max(winners_max, winners);
  }
  EXPECT_EQ(winners_max, 2);
}

}  // namespace
}  // namespace sleeper::sim
