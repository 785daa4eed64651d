#include "tests/sim/crash_points.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/end_witness.h"

namespace sleeper::sim {
namespace {

/// Longer than a sweep waits, and shorter than jobs are remembered.
constexpr Duration kLongEnough = std::chrono::hours(72);
/// A sweep may need two more: one for what the first one wrote, and one for what that left.
constexpr int kTidyRounds = 3;
constexpr int64_t kViolationsMax = 3;

/// One life: everything up to the crash and what came of it.
class Life {
 public:
  Life(const CrashStory& story, CrashReport& report)
      : story_(story), report_(report), simulation_({.seed = 1, .personality = &calm_}) {
    simulation_.objects().Watch(ends_);
  }

  /// True if the operation made fewer calls than the crash needs.
  bool Play(CrashPoint point) {
    simulation_.AddActor("founder", [&](Actor& actor) {
      Site site(actor);
      Expect("the preparation", story_.prepare(site));
      ExpectContents(site, "before", story_.before);
    });
    simulation_.Run();
    simulation_.AddActor(
        "victim", [&](Actor& actor) { Die(actor, point); }, Mortality::kImmortal);
    simulation_.Run();
    simulation_.RunHealed("heir", [&](Actor& actor) { Inherit(actor); });
    for (const std::string& violation : simulation_.Report(story_.operation).violations) {
      report_.violations.push_back(
          fmt::format("death {} call {}: {}", point.after_effect ? "after" : "before", point.call, violation));
    }
    if (survived_) report_.calls = calls_;
    return survived_;
  }

 private:
  void Die(Actor& actor, CrashPoint point) {
    // Not the second one of that name.
    if (std::exchange(began_, true)) return;
    actor.SetCrashPoint(point);
    Site site(actor);
    const Status status = story_.operate(site);
    survived_ = !actor.killed();
    calls_ = actor.calls();
    if (survived_) Expect("the operation", status);
  }

  void Inherit(Actor& actor) {
    Site site(actor);
    if (!survived_) {
      const Result<Contents> found = site.Read();
      if (!found.ok()) return simulation_.Fail("reading failed: " + found.status().ToString());
      if (*found != story_.before && *found != story_.after) {
        return simulation_.Fail("what is there is neither what was before nor what was to be");
      }
      ++(*found == story_.after ? report_.found_done : report_.found_undone);
      Expect("the operation, again", story_.operate(site));
    }
    ExpectContents(site, "after", story_.after);
    for (int i = 0; i < kTidyRounds; ++i) {
      site.Wait(kLongEnough);
      Site another(actor);
      Expect("tidying", another.Tidy());
    }
    ExpectContents(site, "after tidying", story_.after);
    Site last(actor);
    const Result<std::string> wrong = last.WrongObject();
    if (!wrong.ok()) return simulation_.Fail("looking at all objects failed: " + wrong.status().ToString());
    if (!wrong->empty()) simulation_.Fail(*wrong);
  }

  void Expect(const std::string& what, const Status& status) {
    if (!status.ok()) simulation_.Fail(what + " failed: " + status.ToString());
  }

  void ExpectContents(Site& site, const std::string& when, const Contents& contents) {
    const Result<Contents> found = site.Read();
    if (!found.ok()) return simulation_.Fail("reading failed " + when + ": " + found.status().ToString());
    if (*found != contents) simulation_.Fail("other rows or tables than there should be " + when);
  }

  const CrashStory& story_;
  CrashReport& report_;
  const Personality calm_;
  Simulation simulation_;
  EndWitness ends_{simulation_};
  bool began_ = false;
  bool survived_ = false;
  int64_t calls_ = 0;
};

// The rows of the stories: two jobs that share keys, and one.
const std::vector<NumberRow> kFirst = {{1, 101}, {4, 102}, {4, 103}, {7, 104}};
const std::vector<NumberRow> kSecond = {{2, 201}, {4, 202}, {9, 203}};
const std::vector<NumberRow> kThird = {{3, 301}, {5, 302}, {8, 303}};

std::vector<NumberRow> Together(std::initializer_list<std::vector<NumberRow>> parts) {
  std::vector<NumberRow> all;
  for (const std::vector<NumberRow>& part : parts) all.insert(all.end(), part.begin(), part.end());
  std::sort(all.begin(), all.end());
  return all;
}

const std::string kTable = "flights";

/// A table of two leaves with two jobs.
Status Found(Site& site) {
  TRY(site.Create(kTable));
  TRY(site.Split(kTable, 5));
  TRY(site.Ingest(kTable, "first", kFirst));
  return site.Ingest(kTable, "second", kSecond);
}

Status FoundAndCompact(Site& site) {
  TRY(Found(site));
  TRY(site.Compact(kTable));
  site.Wait(kLongEnough);
  return Status::OK();
}

/// With two snapshots, so that there is something to truncate.
Status FoundAndSnapshot(Site& site) {
  TRY(Found(site));
  TRY(site.Snapshot(kTable));
  TRY(site.Compact(kTable));
  return site.Snapshot(kTable);
}

Status FoundAndDrop(Site& site) {
  TRY(Found(site));
  return site.Drop(kTable);
}

/// Done, or done before.
Status UnlessKind(const Status& status, ErrorKind kind) {
  return !status.ok() && IsKind(status, kind) ? Status::OK() : status;
}

}  // namespace

std::vector<CrashStory> CrashStories() {
  const Contents two = {{kTable, Together({kFirst, kSecond})}};
  const Contents three = {{kTable, Together({kFirst, kSecond, kThird})}};
  const Contents none;
  const Contents two_and_empty = {{kTable, Together({kFirst, kSecond})}, {"trains", {}}};
  const Contents renamed = {{"trains", Together({kFirst, kSecond})}};
  return {
      {"ingest", Found, [](Site& site) { return site.Ingest(kTable, "third", kThird); }, two, three},
      {"compact", Found, [](Site& site) { return site.Compact(kTable); }, two, two},
      {"split", Found, [](Site& site) { return site.Split(kTable, 3); }, two, two},
      {"collect", FoundAndCompact, [](Site& site) { return site.Collect(kTable); }, two, two},
      {"sweep",
       [](Site& site) {
         TRY(Found(site));
         TRY(site.LeaveOrphans(kTable));
         site.Wait(kLongEnough);
         return Status::OK();
       },
       [](Site& site) { return site.Sweep(kTable); }, two, two},
      {"snapshot", Found, [](Site& site) { return site.Snapshot(kTable); }, two, two},
      {"truncate", FoundAndSnapshot, [](Site& site) { return site.Truncate(kTable); }, two, two},
      {"create", Found, [](Site& site) { return UnlessKind(site.Create("trains"), ErrorKind::kConflict); }, two,
       two_and_empty},
      {"drop", Found, [](Site& site) { return UnlessKind(site.Drop(kTable), ErrorKind::kNotFound); }, two, none},
      {"rename", Found, [](Site& site) { return UnlessKind(site.Rename(kTable, "trains"), ErrorKind::kNotFound); }, two,
       renamed},
      {"sweep of a dropped table", FoundAndDrop, [](Site& site) { return site.SweepGoneTables(); }, none, none},
      {"tidy", FoundAndCompact, [](Site& site) { return site.Tidy(); }, two, two},
  };
}

CrashReport PlayCrashes(const CrashStory& story) {
  CrashReport report;
  for (bool after_effect : {false, true}) {
    for (int64_t call = 0;; ++call) {
      if (Life(story, report).Play({call, after_effect})) break;
      ++report.crashes;
      if (static_cast<int64_t>(report.violations.size()) >= kViolationsMax) return report;
    }
  }
  return report;
}

}  // namespace sleeper::sim
