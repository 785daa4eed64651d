#include "sleeper/store/probe_store.h"

#include <gmock/gmock.h>

#include "sleeper/store/folder_store.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/metered_store.h"
#include "sleeper/store/testing/faulty_store.h"
#include "sleeper/store/testing/misbehaving_store.h"
#include "sleeper/store/testing/recording_store.h"
#include "sleeper/store/testing/temporary_folder.h"
#include "tests/virtual_time/virtual_time.h"

namespace sleeper::store {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

std::vector<std::string> Failed(const ProbeReport& report) {
  std::vector<std::string> names;
  for (const ProbeCheck& check : report.checks) {
    if (!check.passed()) names.emplace_back(check.name);
  }
  return names;
}

/// Probes a store over an empty MemoryStore, in virtual time.
class ProbeStoreTest : public testing::Test {
 protected:
  Result<ProbeReport> Probe(uint64_t seed, const std::function<std::unique_ptr<ObjectStore>()>& make) {
    Result<ProbeReport> report = Error(ErrorKind::kInternal, "the probe did not end");
    sim::VirtualTime time(seed);
    MemoryStore memory(clock_);
    memory_ = &memory;
    pause_ = [&] { time.Yield(); };
    const std::unique_ptr<ObjectStore> store = make();
    StoreMeter meter;
    MeteredStore metered(*store, meter);
    EXPECT_TRUE(time.Run([&] { report = ProbeStore(metered, time.executor(), random_, call_); }));
    requests_ = meter.total().requests.total();
    left_ = memory.List(ObjectPath(""), ObjectPath(""), 1000, call_).ValueOrDie().objects;
    return report;
  }

  std::vector<std::string> FailedChecks(Misbehaviour misbehaviour, uint64_t seed = 1) {
    const auto report = Probe(seed, [&] { return std::make_unique<MisbehavingStore>(*memory_, misbehaviour, pause_); });
    EXPECT_TRUE(report.ok()) << report.status().ToString();
    return report.ok() ? Failed(*report) : std::vector<std::string>();
  }

  SystemClock clock_;
  SeededRandom random_{1};
  CallContext call_;
  MemoryStore* memory_ = nullptr;
  std::function<void()> pause_;
  int64_t requests_ = 0;
  /// What the probe left behind.
  std::vector<ObjectInfo> left_;
};

TEST_F(ProbeStoreTest, AGoodStorePassesEveryCheckAndNothingIsLeft) {
  const auto report = Probe(1, [&] { return std::make_unique<RecordingStore>(*memory_); });
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_THAT(Failed(*report), IsEmpty());
  EXPECT_TRUE(report->Verdict().ok());
  EXPECT_THAT(left_, IsEmpty());
}

TEST_F(ProbeStoreTest, AFolderPasses) {
  TemporaryFolder folder;
  SystemClock clock;
  ThreadExecutor executor(2, clock);
  const auto store = FolderStore::Open({.root = folder.path()}, clock, random_).ValueOrDie();
  const auto report = ProbeStore(*store, executor, random_, call_);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_THAT(Failed(*report), IsEmpty());
}

TEST_F(ProbeStoreTest, AConditionThatIsIgnoredIsSeen) {
  EXPECT_THAT(FailedChecks(Misbehaviour::kIgnoresCondition), Contains("create-if-absent"));
  EXPECT_THAT(FailedChecks(Misbehaviour::kMultipartIgnoresCondition), Contains("multipart-if-absent"));
}

TEST_F(ProbeStoreTest, TwoWinnersOfARaceAreSeen) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    EXPECT_THAT(FailedChecks(Misbehaviour::kLetsRacersWin, seed), testing::ElementsAre("create-if-absent-raced"));
    EXPECT_THAT(FailedChecks(Misbehaviour::kMultipartLetsRacersWin, seed),
                testing::ElementsAre("multipart-if-absent-raced"));
  }
}

TEST_F(ProbeStoreTest, AStoreIsNotRefusedForWhatNothingReliesOn) {
  for (const Misbehaviour misbehaviour :
       {Misbehaviour::kMultipartLetsRacersWin, Misbehaviour::kListsByFolder, Misbehaviour::kTurnsBackslashes}) {
    const auto report = Probe(1, [&] { return std::make_unique<MisbehavingStore>(*memory_, misbehaviour, pause_); });
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    EXPECT_THAT(Failed(*report), SizeIs(1));
    EXPECT_TRUE(report->passed());
    EXPECT_TRUE(report->Verdict().ok());
    EXPECT_THAT(left_, IsEmpty());
  }
}

TEST_F(ProbeStoreTest, AStoreIsRefusedForEverythingElse) {
  for (const Misbehaviour misbehaviour :
       {Misbehaviour::kIgnoresCondition, Misbehaviour::kLetsRacersWin, Misbehaviour::kMultipartIgnoresCondition,
        Misbehaviour::kStaleRead, Misbehaviour::kStaleListAfterCreate, Misbehaviour::kStaleListAfterDelete,
        Misbehaviour::kIgnoresStartAfter, Misbehaviour::kSameEtag, Misbehaviour::kListsAnotherEtag,
        Misbehaviour::kAnswersShortRange, Misbehaviour::kCannotDeleteMissing}) {
    const auto report = Probe(1, [&] { return std::make_unique<MisbehavingStore>(*memory_, misbehaviour, pause_); });
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    EXPECT_TRUE(IsKind(report->Verdict(), ErrorKind::kDenied)) << static_cast<int>(misbehaviour);
  }
}

TEST_F(ProbeStoreTest, WhatIsStaleIsSeen) {
  EXPECT_THAT(FailedChecks(Misbehaviour::kStaleRead), Contains("read-after-write"));
  EXPECT_THAT(FailedChecks(Misbehaviour::kStaleListAfterCreate), Contains("list-after-create"));
  EXPECT_THAT(FailedChecks(Misbehaviour::kStaleListAfterDelete), Contains("list-after-delete"));
}

TEST_F(ProbeStoreTest, AListingInAnotherOrderOrThatBeginsElsewhereIsSeen) {
  EXPECT_THAT(FailedChecks(Misbehaviour::kListsByFolder), testing::ElementsAre("list-order-beside-folders"));
  EXPECT_THAT(FailedChecks(Misbehaviour::kIgnoresStartAfter), Contains("list-pages"));
}

TEST_F(ProbeStoreTest, AnEtagThatTellsNothingIsSeen) {
  EXPECT_THAT(FailedChecks(Misbehaviour::kSameEtag), Contains("etag"));
  EXPECT_THAT(FailedChecks(Misbehaviour::kListsAnotherEtag), Contains("etag"));
}

TEST_F(ProbeStoreTest, WrongAnswersToRangesDeletionsAndUnusualNamesAreSeen) {
  EXPECT_THAT(FailedChecks(Misbehaviour::kAnswersShortRange), testing::ElementsAre("range"));
  EXPECT_THAT(FailedChecks(Misbehaviour::kCannotDeleteMissing), Contains("delete-missing"));
  EXPECT_THAT(FailedChecks(Misbehaviour::kTurnsBackslashes), testing::ElementsAre("backslashes"));
}

TEST_F(ProbeStoreTest, TheVerdictNamesTheReasonAndWhatElseFailed) {
  const auto report =
      Probe(1, [&] { return std::make_unique<MisbehavingStore>(*memory_, Misbehaviour::kIgnoresCondition, pause_); });
  const Status verdict = report->Verdict();
  EXPECT_TRUE(IsKind(verdict, ErrorKind::kDenied));
  EXPECT_THAT(verdict.message(), HasSubstr("create-if-absent: the second create gave 'created' and not 'exists"));
  EXPECT_THAT(verdict.message(), HasSubstr("it fails also create-if-absent-raced"));
}

TEST_F(ProbeStoreTest, AStoreThatCannotBeAskedIsAFailureAndNoReport) {
  for (const ErrorKind kind : {ErrorKind::kDenied, ErrorKind::kUnavailable, ErrorKind::kNotFound}) {
    const auto report = Probe(1, [&] {
      auto faulty = std::make_unique<FaultyStore>(*memory_);
      faulty->AddRule({.error = kind, .count = kEveryCall});
      return faulty;
    });
    EXPECT_TRUE(IsKind(report.status(), kind));
  }
}

TEST_F(ProbeStoreTest, AnUnknownOutcomeOfAProbeHasNoMeaningButThatItMayBeRunAgain) {
  const auto report = Probe(1, [&] {
    auto faulty = std::make_unique<FaultyStore>(*memory_);
    faulty->AddRule({.error = ErrorKind::kOutcomeUnknown, .function = StoreFunction::kPut, .first = 9});
    return faulty;
  });
  EXPECT_TRUE(IsKind(report.status(), ErrorKind::kUnavailable)) << report.status().ToString();
  EXPECT_THAT(left_, IsEmpty());
}

TEST_F(ProbeStoreTest, ItAsksNoMoreThanItSays) {
  ASSERT_TRUE(Probe(1, [&] { return std::make_unique<RecordingStore>(*memory_); }).ok());
  // On S3 a streamed object is three requests, and one more to abort if it lost.
  constexpr int64_t kRaces = 2;
  constexpr int64_t kStreamed = 2 + kRaces * 8;
  constexpr int64_t kAborted = 1 + kRaces * 7;
  EXPECT_EQ(requests_ + 2 * kStreamed + kAborted, 169);
}

}  // namespace
}  // namespace sleeper::store
