// How many entries the callers of one process need. Time is virtual, so the answer does not depend on the machine.

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "sleeper/state/layout.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/testing/test_table.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/latency_store.h"
#include "tests/sim/scheduler.h"
#include "tests/sim/sim_clock.h"
#include "tests/sim/sim_executor.h"

namespace sleeper::sim {
namespace {

const model::TableId kTable("00000000000000aa");
constexpr int kCallers = 16;
constexpr int kRounds = 10;

/// A table that `callers` callers of one process commit to, one transaction after the other. A put takes 28
/// milliseconds, a read 25.
struct BusyTable {
  explicit BusyTable(uint64_t seed) : scheduler(seed, Duration(1), trace) {}

  void Commit(state::Transaction transaction) {
    const Result<state::CommitOutcome> committed = committer.Commit(std::move(transaction), {});
    ASSERT_TRUE(committed.ok()) << committed.status().ToString();
  }

  /// The number of entries after `rounds` transactions of each of `callers`, and one that made the table.
  model::LogNumber Run(int callers, int rounds) {
    scheduler.Start(process, [&] { Commit(state::DefineTable{state::SampleDefinition(), {}}); });
    EXPECT_EQ(scheduler.Run(1'000'000), RunEnd::kAllEnded);
    for (int caller = 0; caller < callers; ++caller) {
      scheduler.Start(process, [this, caller, rounds] {
        for (int round = 0; round < rounds; ++round) {
          Commit(state::RecordJobs{{{.id = model::JobId(std::to_string(caller) + "-" + std::to_string(round)),
                                     .kind = state::JobKind::kExport,
                                     .spec_hash = state::SpecHash("spec")}}});
        }
      });
    }
    EXPECT_EQ(scheduler.Run(1'000'000), RunEnd::kAllEnded);
    return log.current()->number();
  }

  Trace trace;
  Scheduler scheduler;
  Process& process = scheduler.AddProcess("process", 1);
  SimClock clock{scheduler, {}, {}};
  SimExecutor executor{scheduler, process, clock, kCallers};
  SeededRandom random{1};
  store::MemoryStore memory{clock};
  store::LatencyStore store{memory,
                            {.read = std::chrono::milliseconds(25), .write = std::chrono::milliseconds(28)},
                            [this](Duration time) { executor.SleepUntil(clock.MonotonicNow() + time); }};
  state::TableLog log{store, clock, random, executor, state::LogLayout::ForTable(kTable), {}};
  state::TableCommitter committer{log};
};

TEST(GroupCommit, CallersWhoseEntryWasCommittedShareTheNextOneToo) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    // The definition, the first caller's own entry, one that the others share, and then one a round; at the end those
    // who are a round behind have one more.
    EXPECT_LE(BusyTable(seed).Run(kCallers, kRounds), static_cast<model::LogNumber>(kRounds + 3));
  }
}

TEST(GroupCommit, ACallerAloneWaitsForNobody) {
  BusyTable table(0);
  EXPECT_EQ(table.Run(1, kRounds), static_cast<model::LogNumber>(kRounds + 1));
  // Each commit is a put and a listing; the first one lists the snapshots and the log before. The rest is steps of the
  // scheduler, some microseconds each.
  EXPECT_LT(table.scheduler.now(), (kRounds + 2) * std::chrono::milliseconds(54));
}

}  // namespace
}  // namespace sleeper::sim
