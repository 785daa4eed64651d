#include "tests/sim/sim_store.h"

#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/seeds.h"
#include "tests/sim/simulation.h"

namespace sleeper::sim {
namespace {

using store::ObjectPath;
using store::PutMode;
using store::PutOutcome;
using testing::ElementsAre;
using testing::HasSubstr;

const ObjectPath kPath("some/object");

Personality Only(Fault fault, double rate = 1, int64_t budget = 1) {
  Personality personality;
  personality.budget = budget;
  personality.rates[static_cast<size_t>(fault)] = rate;
  return personality;
}

/// Runs `body` as the only actor of a world in which one fault strikes once.
RunReport RunWith(Fault fault, uint64_t seed, std::function<void(Actor&)> body) {
  const Personality personality = Only(fault);
  Simulation simulation({.seed = seed, .personality = &personality});
  simulation.AddActor("actor", std::move(body));
  simulation.Run();
  return simulation.Report("one fault");
}

void ExpectClean(const RunReport& report) { EXPECT_TRUE(report.ok()) << report; }

Result<PutOutcome> PutNew(Actor& actor, std::string bytes = "bytes") {
  return actor.store().Put(kPath, Buffer::FromString(std::move(bytes)), PutMode::kIfAbsent, {});
}

bool IsThere(Actor& actor) { return actor.simulation().objects().Head(kPath, {}).ok(); }

TEST(SimStore, WithoutFaultsItIsAnOrdinaryStore) {
  const Personality none;
  Simulation simulation({.seed = 1, .personality = &none});
  simulation.AddActor("actor", [](Actor& actor) {
    EXPECT_EQ(PutNew(actor).ValueOrDie(), PutOutcome::kCreated);
    EXPECT_EQ(PutNew(actor, "other").ValueOrDie(), PutOutcome::kExists);
    EXPECT_EQ(actor.store().Get(kPath, {}).ValueOrDie().bytes.view(), "bytes");
    EXPECT_EQ(actor.store().GetRange(kPath, {1, 3}, {}).ValueOrDie().view(), "yte");
    EXPECT_EQ(actor.store().Head(kPath, {}).ValueOrDie().size, 5);
    EXPECT_EQ(actor.store().List(ObjectPath("some/"), ObjectPath(), 10, {}).ValueOrDie().objects.size(), 1u);
    auto writer = actor.store().OpenWriter(ObjectPath("large"), PutMode::kReplace, {}).ValueOrDie();
    EXPECT_TRUE(writer->Append(Buffer::FromString("one "), {}).ok());
    EXPECT_TRUE(writer->Append(Buffer::FromString("two"), {}).ok());
    EXPECT_EQ(writer->Finish({}).ValueOrDie(), PutOutcome::kCreated);
    EXPECT_EQ(actor.store().Get(ObjectPath("large"), {}).ValueOrDie().bytes.view(), "one two");
    EXPECT_TRUE(actor.store().Delete(std::vector{kPath}, {}).ok());
    EXPECT_TRUE(IsKind(actor.store().Get(kPath, {}).status(), ErrorKind::kNotFound));
  });
  simulation.Run();
  RunReport report = simulation.Report("plain");
  ExpectClean(report);
  EXPECT_EQ(report.port_calls, 13);
}

TEST(SimStore, UnavailableHasNoEffect) {
  ExpectClean(RunWith(Fault::kUnavailable, 1, [](Actor& actor) {
    EXPECT_TRUE(IsKind(PutNew(actor).status(), ErrorKind::kUnavailable));
    EXPECT_FALSE(IsThere(actor));
    EXPECT_EQ(PutNew(actor).ValueOrDie(), PutOutcome::kCreated);
  }));
}

TEST(SimStore, ThrottlingComesInStorms) {
  const Personality personality = Only(Fault::kThrottled, 0.02, 1000);
  Simulation simulation({.seed = 3, .personality = &personality});
  simulation.AddActor("actor", [](Actor& actor) {
    int storms = 0;
    int in_a_row = 0;
    for (int i = 0; i < 2000; ++i) {
      bool throttled = IsKind(actor.store().Head(kPath, {}).status(), ErrorKind::kThrottled);
      in_a_row = throttled ? in_a_row + 1 : 0;
      if (in_a_row == 4) ++storms;
    }
    EXPECT_GT(storms, 2);
  });
  simulation.Run();
  ExpectClean(simulation.Report("storms"));
}

TEST(SimStore, ALostAnswerIsUnknownAndHadItsEffect) {
  ExpectClean(RunWith(Fault::kAnswerLost, 1, [](Actor& actor) {
    EXPECT_TRUE(IsKind(PutNew(actor).status(), ErrorKind::kOutcomeUnknown));
    EXPECT_TRUE(IsThere(actor));
  }));
}

TEST(SimStore, ALostRequestIsUnknownAndHadNone) {
  ExpectClean(RunWith(Fault::kRequestLost, 1, [](Actor& actor) {
    EXPECT_TRUE(IsKind(PutNew(actor).status(), ErrorKind::kOutcomeUnknown));
    EXPECT_FALSE(IsThere(actor));
    actor.Rest();
    EXPECT_FALSE(IsThere(actor));
  }));
}

TEST(SimStore, ALateWriteHasItsEffectAfterItsWriterGaveUp) {
  ExpectClean(RunWith(Fault::kLate, 1, [](Actor& actor) {
    EXPECT_TRUE(IsKind(PutNew(actor).status(), ErrorKind::kOutcomeUnknown));
    EXPECT_FALSE(IsThere(actor));
    actor.simulation().scheduler().SleepUntil(std::chrono::hours(24));
    EXPECT_TRUE(IsThere(actor));
  }));
}

TEST(SimStore, AWriteThatIsSentTwiceMeetsItself) {
  ExpectClean(RunWith(Fault::kSentTwice, 1, [](Actor& actor) {
    EXPECT_EQ(PutNew(actor).ValueOrDie(), PutOutcome::kExists);
    EXPECT_TRUE(IsThere(actor));
  }));
}

TEST(SimStore, AnEchoWritesAgainWhatWasDeletedMeanwhile) {
  ExpectClean(RunWith(Fault::kEcho, 1, [](Actor& actor) {
    EXPECT_EQ(PutNew(actor).ValueOrDie(), PutOutcome::kCreated);
    EXPECT_TRUE(actor.store().Delete(std::vector{kPath}, {}).ok());
    actor.simulation().scheduler().SleepUntil(std::chrono::hours(24));
    EXPECT_TRUE(IsThere(actor));
  }));
}

TEST(SimStore, ACutBodyIsAFailedRead) {
  ExpectClean(RunWith(Fault::kBodyCut, 1, [](Actor& actor) {
    EXPECT_TRUE(PutNew(actor).ok());
    EXPECT_TRUE(IsKind(actor.store().Get(kPath, {}).status(), ErrorKind::kUnavailable));
    EXPECT_TRUE(actor.store().Get(kPath, {}).ok());
  }));
}

TEST(SimStore, ADeleteMayStopInTheMiddle) {
  ExpectClean(RunWith(Fault::kPartly, 1, [](Actor& actor) {
    std::vector<ObjectPath> paths;
    for (const char* name : {"a", "b", "c", "d"}) {
      paths.emplace_back(name);
      EXPECT_TRUE(actor.store().Put(paths.back(), Buffer(), PutMode::kReplace, {}).ok());
    }
    EXPECT_FALSE(actor.store().Delete(paths, {}).ok());
    EXPECT_TRUE(actor.store().Head(ObjectPath("d"), {}).ok());
    EXPECT_TRUE(actor.store().Delete(paths, {}).ok());
    EXPECT_FALSE(actor.store().Head(ObjectPath("d"), {}).ok());
  }));
}

TEST(SimStore, APageMayBeShort) {
  ExpectClean(RunWith(Fault::kShortPage, 1, [](Actor& actor) {
    for (const char* name : {"a", "b", "c", "d"}) {
      EXPECT_TRUE(actor.store().Put(ObjectPath(name), Buffer(), PutMode::kReplace, {}).ok());
    }
    store::ListPage page = actor.store().List(ObjectPath(), ObjectPath(), 4, {}).ValueOrDie();
    EXPECT_LT(page.objects.size(), 4u);
    EXPECT_GE(page.objects.size(), 1u);
    EXPECT_TRUE(page.more);
    EXPECT_EQ(actor.store().List(ObjectPath(), ObjectPath(), 4, {}).ValueOrDie().objects.size(), 4u);
  }));
}

TEST(SimStore, AStalledCallThatPassesItsDeadlineIsUnknown) {
  int unknown = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    ExpectClean(RunWith(Fault::kStall, seed, [&unknown](Actor& actor) {
      CallContext call{.deadline = actor.clock().MonotonicNow() + std::chrono::milliseconds(100)};
      Status status = actor.store().Put(kPath, Buffer(), PutMode::kReplace, call).status();
      EXPECT_TRUE(status.ok() || IsKind(status, ErrorKind::kOutcomeUnknown)) << status.ToString();
      unknown += status.ok() ? 0 : 1;
    }));
  }
  EXPECT_GT(unknown, 5);
  EXPECT_LT(unknown, 40);
}

TEST(SimStore, CancelledAndExpiredCallsAreNotMade) {
  const Personality none;
  Simulation simulation({.seed = 1, .personality = &none});
  simulation.AddActor("actor", [](Actor& actor) {
    Cancellation cancellation;
    cancellation.Cancel();
    for (const CallContext& call :
         {CallContext{.deadline = actor.clock().MonotonicNow()}, CallContext{.cancellation = &cancellation}}) {
      EXPECT_TRUE(IsKind(actor.store().Put(kPath, Buffer(), PutMode::kReplace, call).status(), ErrorKind::kCancelled));
    }
    EXPECT_FALSE(IsThere(actor));
  });
  simulation.Run();
  ExpectClean(simulation.Report("cancelled"));
}

TEST(SimStore, AKilledProcessHasNoFurtherEffectAndBeginsAgain) {
  std::vector<std::string> lives;
  RunReport report = RunWith(Fault::kKill, 1, [&lives](Actor& actor) {
    lives.push_back(actor.name());
    Status first = PutNew(actor, actor.name()).status();
    EXPECT_EQ(first.ok(), !actor.killed());
    if (actor.killed()) {
      EXPECT_TRUE(IsKind(first, ErrorKind::kDenied));
      EXPECT_TRUE(IsKind(PutNew(actor).status(), ErrorKind::kDenied));
      EXPECT_TRUE(IsKind(actor.store().Get(kPath, {}).status(), ErrorKind::kDenied));
      actor.simulation().scheduler().SleepUntil(std::chrono::hours(1));
      EXPECT_FALSE(IsThere(actor));
    }
  });
  ExpectClean(report);
  EXPECT_THAT(lives, ElementsAre("actor", "actor.2"));
}

TEST(SimStore, AWriteInFlightWhenItsProcessDiesMayStillArrive) {
  int arrived = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Personality none;
    Simulation simulation({.seed = seed, .personality = &none});
    Actor* victim = nullptr;
    simulation.AddActor("actor", [&victim](Actor& actor) {
      victim = &actor;
      if (actor.name() == "actor") static_cast<void>(PutNew(actor));
    });
    simulation.AddActor("killer", [&victim](Actor& actor) {
      Scheduler& scheduler = actor.simulation().scheduler();
      if (victim != nullptr) scheduler.Kill(victim->process());
    });
    simulation.Run();
    ExpectClean(simulation.Report("in flight"));
    if (simulation.objects().Head(kPath, {}).ok() && victim->name() == "actor.2") ++arrived;
  }
  EXPECT_GT(arrived, 2);
}

TEST(SimStore, CrashPointsKillBeforeOrAfterTheEffectOfOneCall) {
  for (bool after_effect : {false, true}) {
    for (int64_t call = 0; call < 3; ++call) {
      const Personality none;
      Simulation simulation({.seed = 1, .personality = &none});
      simulation.AddActor(
          "actor",
          [&](Actor& actor) {
            if (actor.name() != "actor") return;
            actor.SetCrashPoint({.call = call, .after_effect = after_effect});
            for (const char* name : {"a", "b", "c"}) {
              static_cast<void>(actor.store().Put(ObjectPath(name), Buffer(), PutMode::kReplace, {}));
            }
          },
          Mortality::kImmortal);
      simulation.Run();
      ExpectClean(simulation.Report("crash point"));
      auto page = simulation.objects().List(ObjectPath(), ObjectPath(), 10, {}).ValueOrDie();
      EXPECT_EQ(page.objects.size(), static_cast<size_t>(call + (after_effect ? 1 : 0)));
    }
  }
}

// The smallest system with a bug that only faults bring to light: a log whose writers repeat a conditional put of
// unknown outcome in the next slot, without looking whether the first one is there.
enum class AfterUnknown { kRepeatBlindly, kLook };

void AppendAll(Actor& actor, AfterUnknown after_unknown, const std::string& writer) {
  int slot = 1;
  for (int i = 0; i < 10; ++i) {
    const std::string entry = writer + "#" + std::to_string(i);
    for (bool appended = false; !appended;) {
      const ObjectPath path("log/" + std::to_string(slot));
      Result<PutOutcome> put = actor.store().Put(path, Buffer::FromString(entry), PutMode::kIfAbsent, {});
      if (actor.killed()) return;
      appended = put.ok() && *put == PutOutcome::kCreated;
      if (!appended && after_unknown == AfterUnknown::kLook) {
        Result<store::Object> found = actor.store().Get(path, {});
        while (!found.ok() && !actor.killed() && !IsKind(found.status(), ErrorKind::kNotFound)) {
          found = actor.store().Get(path, {});
        }
        appended = found.ok() && found->bytes.view() == entry;
        if (!found.ok()) continue;
      }
      if (put.ok() || after_unknown == AfterUnknown::kLook) ++slot;
    }
  }
}

Scenario NaiveLog(AfterUnknown after_unknown) {
  return {"naive log", [after_unknown](Simulation& simulation) {
            for (const char* writer : {"a", "b", "c"}) {
              simulation.AddActor(
                  writer, [=](Actor& actor) { AppendAll(actor, after_unknown, writer); }, Mortality::kImmortal);
            }
            simulation.Run();
            if (simulation.failed()) return;
            std::map<std::string, int> copies;
            const store::ListPage log =
                simulation.objects().List(ObjectPath("log/"), ObjectPath(), 1000, {}).ValueOrDie();
            for (const store::ObjectInfo& info : log.objects) {
              ++copies[std::string(simulation.objects().Get(info.path, {}).ValueOrDie().bytes.view())];
            }
            if (copies.size() != 30) simulation.Fail("an entry was lost: " + std::to_string(copies.size()) + " of 30");
            for (const auto& [entry, count] : copies) {
              if (count > 1) simulation.Fail("entry " + entry + " was logged " + std::to_string(count) + " times");
            }
          }};
}

TEST(Simulation, FindsTheBlindRetry) {
  const Personality personality = Only(Fault::kAnswerLost, 0.1, 1000);
  int found = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    RunReport report = RunOnce(NaiveLog(AfterUnknown::kRepeatBlindly), {.seed = seed, .personality = &personality});
    if (report.ok()) continue;
    ++found;
    EXPECT_THAT(report.violations.front(), testing::ContainsRegex(" was logged [2-9] times")) << report;
  }
  EXPECT_GE(found, 18);
}

TEST(Simulation, IsCleanWhenTheWriterLooks) {
  for (Fault fault : {Fault::kAnswerLost, Fault::kSentTwice, Fault::kUnavailable, Fault::kStall, Fault::kPause}) {
    const Personality personality = Only(fault, 0.1, 1000);
    for (uint64_t seed = 0; seed < 5; ++seed) {
      RunReport report = RunTwice(NaiveLog(AfterUnknown::kLook), {.seed = seed, .personality = &personality});
      EXPECT_TRUE(report.ok()) << report;
    }
  }
}

TEST(Simulation, TheSameSeedHasTheSameTraceAndAnotherOneAnother) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    RunReport report = RunTwice(NaiveLog(AfterUnknown::kLook), {.seed = seed});
    EXPECT_TRUE(report.violations.empty() || report.violations.front().find("differ") == std::string::npos) << report;
    hashes.insert(report.trace_hash);
  }
  EXPECT_EQ(hashes.size(), 10u);
}

TEST(Simulation, NoticesThatSomethingBesideTheSeedHadASay) {
  auto runs = std::make_shared<int>(0);
  Scenario scenario{"moody", [runs](Simulation& simulation) {
                      simulation.AddActor("actor", [runs](Actor& actor) {
                        static_cast<void>(PutNew(actor, "run " + std::to_string((*runs)++)));
                      });
                      simulation.Run();
                    }};
  RunReport report = RunTwice(scenario, {.seed = 1});
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.violations.front(), HasSubstr("two runs of the seed differ"));
}

TEST(Simulation, ADeadlockIsAViolationThatNamesWhoWaits) {
  Scenario scenario{"deadlock", [](Simulation& simulation) {
                      simulation.AddActor(
                          "lonely",
                          [](Actor& actor) {
                            static_cast<void>(PutNew(actor));
                            std::unique_ptr<WaitPoint> point = actor.executor().MakeWaitPoint();
                            point->Wait(point->Take(), Instant::max());
                          },
                          Mortality::kImmortal);
                      simulation.Run();
                    }};
  const Personality none;
  RunReport report = RunOnce(scenario, {.seed = 1, .personality = &none});
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.violations.front(), HasSubstr("deadlock"));
  EXPECT_THAT(report.violations.front(), HasSubstr("lonely/1 waits for another task"));
  EXPECT_THAT(report.violations.front(), HasSubstr("put if absent some/object 5 bytes: created"));
}

TEST(Simulation, WorkWithoutEndIsAViolation) {
  Scenario scenario{"endless", [](Simulation& simulation) {
                      simulation.AddActor(
                          "busy",
                          [](Actor& actor) {
                            while (!actor.killed()) static_cast<void>(actor.store().Head(kPath, {}));
                          },
                          Mortality::kImmortal);
                      simulation.Run();
                    }};
  const Personality none;
  RunReport report = RunOnce(scenario, {.seed = 1, .personality = &none, .steps_max = 1000});
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.violations.front(), HasSubstr("no end after 1000 steps"));
}

TEST(Simulation, AFailingRunShowsItsLastPortCalls) {
  Scenario scenario{"failing", [](Simulation& simulation) {
                      simulation.AddActor(
                          "actor",
                          [](Actor& actor) {
                            for (int i = 0; i < 100; ++i) static_cast<void>(actor.store().Head(kPath, {}));
                            actor.simulation().Fail("a rule was broken");
                          },
                          Mortality::kImmortal);
                      simulation.Run();
                    }};
  const Personality none;
  RunReport report = RunOnce(scenario, {.seed = 4, .personality = &none});
  std::ostringstream text;
  text << report;
  EXPECT_THAT(text.str(), HasSubstr("scenario failing, seed 4: a rule was broken\n"));
  EXPECT_THAT(text.str(), HasSubstr("head some/object: not_found\n"));
  EXPECT_EQ(report.latest_lines.size(), 50u);
}

TEST(RunSeeds, AddsUpWhatItSaw) {
  SeedsReport report = RunSeeds(NaiveLog(AfterUnknown::kLook), 100, 4, 2, Repeat::kYes);
  EXPECT_EQ(report.seeds, 4);
  EXPECT_GT(report.port_calls, 120);
}

}  // namespace
}  // namespace sleeper::sim
