#include "tests/sim/table_scenario.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "sleeper/base/check.h"
#include "sleeper/collect/collect_table.h"
#include "sleeper/collect/sweep_table.h"
#include "sleeper/compact/compact_table.h"
#include "sleeper/ingest/ingest_table.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/query/run_query.h"
#include "sleeper/split/split_table.h"
#include "sleeper/state/compaction_age.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/memory_scratch.h"
#include "tests/sim/excuses.h"
#include "tests/sim/ingest_witness.h"
#include "tests/sim/live_objects.h"
#include "tests/sim/number_rows.h"
#include "tests/sim/table_invariants.h"

namespace sleeper::sim {
namespace {

constexpr int kIngesters = 3;
constexpr int kJobsPerIngester = 4;
constexpr uint64_t kRowsPerJobMax = 8;
constexpr uint64_t kKeys = 60;
constexpr int64_t kPartitionRowsMax = 15;
constexpr int kRoundsMax = 6;
// After so long, dead compactions are given up, and all that they left is swept.
constexpr Duration kLongEnough = std::chrono::hours(3);
constexpr Duration kAuditSweepAge = std::chrono::hours(1);
const model::TableId kTable("0123456789abcdef");

/// A delivery that is repeated until it is known to be done.
struct IngestJob {
  model::JobId id;
  std::vector<NumberRow> rows;
  bool acknowledged = false;
  /// True if an attempt may have been committed without our hearing of it.
  bool in_doubt = false;
};

/// What all actors share.
struct World {
  explicit World(Simulation& simulation_in)
      : simulation(simulation_in),
        definition{.schema = NumberLayout()->schema()},
        witness(simulation_in, kTable, rows_of_jobs) {
    int64_t rows = 0;
    for (int ingester = 0; ingester < kIngesters; ++ingester) {
      std::vector<IngestJob>& mine = jobs.emplace_back(kJobsPerIngester);
      for (int i = 0; i < kJobsPerIngester; ++i) {
        IngestJob& job = mine[static_cast<size_t>(i)];
        job.id = model::JobId(fmt::format("job-{}-{}", ingester, i));
        for (uint64_t left = 1 + simulation.scheduler().Choose(kRowsPerJobMax); left > 0; --left) {
          job.rows.push_back({static_cast<int64_t>(simulation.scheduler().Choose(kKeys)), ++rows});
        }
        rows_of_jobs.emplace(job.id, job.rows);
      }
    }
    jobs_open = kIngesters * kJobsPerIngester;
    one_file_per_leaf = simulation.scheduler().Choose(2) == 0;
    const Duration step = simulation.faults().personality().step_mean;
    collect_delay = step * static_cast<int64_t>(simulation.scheduler().Choose(3) * 300);
    witness.set_collect_delay(collect_delay);
    sweep_age = step * static_cast<int64_t>(50 + simulation.scheduler().Choose(3) * 300);
  }

  bool goes_on() const { return jobs_open > 0 && !simulation.failed(); }

  model::Properties Properties() const {
    model::PropertyMap set = {{"compaction.files.batch.size", "3"}};
    if (one_file_per_leaf) set.emplace("ingest.file.writing.strategy", "one_file_per_leaf");
    return model::Properties::Make(std::move(set)).ValueOrDie();
  }

  void Unexpected(const Actor& actor, const std::string& what, const Status& status) {
    simulation.Fail(fmt::format("{}: {} failed: {}", actor.name(), what, status.ToString()));
  }

  Simulation& simulation;
  const model::TableDefinition definition;
  std::map<model::JobId, std::vector<NumberRow>> rows_of_jobs;
  IngestWitness witness;
  std::vector<std::vector<IngestJob>> jobs;
  int jobs_open = 0;
  bool one_file_per_leaf = false;
  Duration collect_delay{};
  Duration sweep_age{};
};

/// One process that works on the table.
class Worker {
 public:
  Worker(Actor& actor, World& world)
      : actor_(actor),
        world_(world),
        log_(actor.store(), actor.clock(), actor.random(), actor.executor(), state::LogLayout::ForTable(kTable),
             {.writer = actor.name(), .entries_kept = 4, .ids_remembered = 12, .catch_up_entries_max = 10}),
        committer_(log_),
        files_(actor.store(), kTable) {}

  /// False if the process died, or the run is over.
  bool DefineTable() {
    while (!actor_.killed() && !world_.simulation.failed()) {
      const Status defined =
          committer_.Commit(state::DefineTable{.definition = world_.definition, .split_points = {}}, {}).status();
      if (Passes("DefineTable", defined, {})) return true;
      actor_.Rest();
    }
    return false;
  }

  void Ingest(IngestJob& job) {
    const ingest::IngestRequest request{.job = job.id, .inputs = {job.id.value()}, .reading = "rows"};
    const ingest::InputLister lister = [&job](const CallContext&) -> Result<std::vector<ingest::InputOpener>> {
      const auto half = job.rows.begin() + static_cast<std::ptrdiff_t>(job.rows.size() / 2);
      return std::vector<ingest::InputOpener>{InputOf({job.rows.begin(), half}), InputOf({half, job.rows.end()})};
    };
    const ingest::TablePorts ports{actor_.store(), scratch_, actor_.executor(), actor_.random(),
                                   kTable,         log_,     committer_};
    const bool was_in_doubt = std::exchange(job.in_doubt, true);
    const Result<ingest::IngestReport> report =
        ingest::IngestTable(ports, request, world_.Properties(), lister, AnyCall());
    if (actor_.killed()) return;
    const model::LogNumber entry = world_.witness.EntryOfJob(job.id);
    if (report.ok()) return Acknowledge(job, *report, entry, was_in_doubt);
    // A sweep may have passed its files, or given up the one that it was writing.
    if (!Passes("IngestTable", report.status(), {ErrorKind::kConflict}) && IsDenial(report.status()) && !was_in_doubt) {
      job.in_doubt = false;
      if (entry != 0) {
        world_.simulation.Fail(
            fmt::format("{}: {} was denied, and it is entry {}", actor_.name(), job.id.value(), entry));
      }
    }
  }

  void Compact(compact::CompactionMode mode) {
    compact::CompactTableRequest request{.mode = mode, .properties = world_.Properties()};
    request.take_over = static_cast<compact::TakeOver>(actor_.random().Below(3));
    request.read_ahead = static_cast<compact::ReadAhead>(actor_.random().Below(2));
    const compact::TablePorts ports{actor_.store(), actor_.executor(), actor_.random(), kTable, log_, committer_};
    const Result<compact::CompactTableReport> report = compact::CompactTable(ports, request, AnyCall());
    if (!Passes("CompactTable", report.status(), {})) return;
    // A sweep may have given up a file that took long.
    Passes("a compaction job", report->failure, {ErrorKind::kConflict});
    world_.simulation.Count("compaction jobs done", report->jobs);
    world_.simulation.Count("compaction jobs superseded", report->jobs_superseded);
    world_.simulation.Count("compaction jobs taken over", report->jobs_taken_over);
  }

  void Split() {
    const split::TablePorts ports{actor_.store(), actor_.executor(), kTable, log_, committer_};
    if (actor_.random().Below(3) == 0) {
      const auto key = static_cast<int64_t>(1 + actor_.random().Below(kKeys - 1));
      Passes("SplitTableAt", split::SplitTableAt(ports, {model::EncodeKey(model::KeyTuple{key})}, AnyCall()).status(),
             {ErrorKind::kConflict});
      return;
    }
    Passes("SplitTable", split::SplitTable(ports, {.rows_max = kPartitionRowsMax}, AnyCall()).status(),
           {ErrorKind::kConflict, ErrorKind::kNotFound});
  }

  /// Reads all keys, or some, and compares them with what was in the table at some moment of the reading.
  void Query() {
    int64_t from = 0;
    int64_t to = kKeys;
    query::QueryRequest request;
    if (actor_.random().Below(2) == 0) {
      from = static_cast<int64_t>(actor_.random().Below(kKeys));
      to = from + 1 + static_cast<int64_t>(actor_.random().Below(kKeys));
      request.regions.push_back(RegionOf(from, to));
    }
    const size_t jobs_before = world_.witness.jobs().size();
    Scheduler& scheduler = world_.simulation.scheduler();
    const Duration begun = scheduler.now();
    const Result<std::vector<NumberRow>> rows = Read(std::move(request));
    if (!Passes("RunQuery", rows.status(), {ErrorKind::kNotFound})) {
      if (rows.ok() || !IsKind(rows.status(), ErrorKind::kNotFound) || actor_.killed()) return;
      world_.simulation.Count("queries whose files were collected");
      if (scheduler.now() - begun < world_.collect_delay) {
        world_.simulation.Fail(actor_.name() +
                               " lost a file sooner than the delay of collections: " + rows.status().ToString());
      }
      return;
    }
    world_.simulation.Count("queries answered");
    if (!std::is_sorted(rows->begin(), rows->end(), [](const auto& a, const auto& b) { return a.key < b.key; })) {
      return world_.simulation.Fail(actor_.name() + " was given rows out of key order");
    }
    std::vector<NumberRow> sorted = *rows;
    std::sort(sorted.begin(), sorted.end());
    for (size_t jobs = jobs_before; jobs <= world_.witness.jobs().size(); ++jobs) {
      if (sorted == world_.witness.Rows(jobs, from, to)) return;
    }
    world_.simulation.Fail(fmt::format("{} was given {} rows of keys {} to {}, which the table never held",
                                       actor_.name(), sorted.size(), from, to));
  }

  void Collect(Duration delay) {
    const collect::TablePorts ports{actor_.store(), actor_.executor(), actor_.random(), kTable, log_, committer_};
    const Result<collect::CollectReport> report = collect::CollectTable(ports, delay, AnyCall());
    if (!Passes("CollectTable", report.status(), {})) return;
    Passes("a deletion", report->failure, {});
    world_.simulation.Count("files collected", report->files);
  }

  void Sweep(Duration age) {
    const collect::TablePorts ports{actor_.store(), actor_.executor(), actor_.random(), kTable, log_, committer_};
    const Result<collect::SweepReport> report = collect::SweepTable(ports, {.age = age}, AnyCall());
    if (!Passes("SweepTable", report.status(), {ErrorKind::kConflict})) return;
    Passes("a sweep", report->failure, {ErrorKind::kConflict});
    world_.simulation.Count("orphans swept", report->orphans);
  }

  Duration collect_delay() const { return world_.collect_delay; }
  Duration sweep_age() const { return world_.sweep_age; }

  void Tidy() {
    Passes("WriteSnapshot", log_.WriteSnapshot(AnyCall()).status(), {});
    if (actor_.killed()) return;
    Passes("Truncate", log_.Truncate(AnyCall()).status(), {});
  }

  state::TableStatePtr State() {
    const Result<state::TableStatePtr> state = log_.Refresh({});
    return Passes("Refresh", state.status(), {}) ? *state : nullptr;
  }

  void Refresh() {
    const Result<state::TableStatePtr> state = log_.Refresh({});
    if (!Passes("Refresh", state.status(), {})) return;
    world_.witness.CheckState(actor_.name(), **state);
    if (const std::string broken = BrokenInvariant(**state); !broken.empty()) world_.simulation.Fail(broken);
  }

 private:
  CallContext AnyCall() {
    CallContext call{.caller = "simulation"};
    Faults& faults = world_.simulation.faults();
    if (faults.healed() || actor_.random().Below(6) != 0) return call;
    return call.Until(actor_.clock().MonotonicNow() + 4 * faults.AnyDuration());
  }

  /// True if the call was done, and there is somebody to know it. A failure has to be excusable or one of `others`.
  bool Passes(const std::string& what, const Status& status, const std::vector<ErrorKind>& others) {
    if (actor_.killed()) return false;
    if (status.ok()) return true;
    bool expected = IsExcusable(status);
    for (ErrorKind kind : others) expected = expected || IsKind(status, kind);
    if (!expected) world_.Unexpected(actor_, what, status);
    return false;
  }

  void Acknowledge(IngestJob& job, const ingest::IngestReport& report, model::LogNumber entry, bool was_in_doubt) {
    if (entry == 0 || entry != report.number) {
      return world_.simulation.Fail(fmt::format("{}: {} was acknowledged at entry {}, and it is entry {}",
                                                actor_.name(), job.id.value(), report.number, entry));
    }
    if (report.already_done && !was_in_doubt) {
      return world_.simulation.Fail(
          fmt::format("{}: {} was denied before, and is done", actor_.name(), job.id.value()));
    }
    world_.simulation.Count(report.already_done ? "jobs found done" : "jobs acknowledged");
    if (!std::exchange(job.acknowledged, true)) --world_.jobs_open;
  }

  static model::Region RegionOf(int64_t from, int64_t to) {
    const model::Schema schema = NumberLayout()->schema();
    const model::RangeBounds bounds{.min = model::KeyValue(from), .max = model::KeyValue(to)};
    return model::Region::Make(schema, {model::Range::Make(schema.field(0), bounds).ValueOrDie()}).ValueOrDie();
  }

  Result<std::vector<NumberRow>> Read(query::QueryRequest request) {
    TRY_ASSIGN(const std::unique_ptr<rows::RowStream> stream,
               query::RunQuery({actor_.executor(), log_, files_}, std::move(request), AnyCall()));
    return ReadAll(*stream);
  }

  Actor& actor_;
  World& world_;
  state::TableLog log_;
  state::TableCommitter committer_;
  query::OpenFiles files_;
  store::MemoryScratch scratch_{int64_t{64} << 20};
};

void Ingest(Actor& actor, World& world, int ingester) {
  Worker worker(actor, world);
  if (!worker.DefineTable()) return;
  for (IngestJob& job : world.jobs[static_cast<size_t>(ingester)]) {
    while (!job.acknowledged && !actor.killed() && !world.simulation.failed()) {
      worker.Ingest(job);
      actor.Rest();
    }
    if (actor.killed()) return;
    // A repeated delivery.
    if (actor.random().Below(5) == 0) worker.Ingest(job);
  }
}

void Repeat(Actor& actor, World& world, const std::function<void(Worker&)>& action) {
  Worker worker(actor, world);
  if (!worker.DefineTable()) return;
  for (int round = 0; round < kRoundsMax && world.goes_on() && !actor.killed(); ++round) {
    actor.Rest();
    action(worker);
  }
}

/// In the end there is nothing that nobody needs.
void AuditObjects(Actor& actor, World& world) {
  Scheduler& scheduler = world.simulation.scheduler();
  world.witness.set_collect_delay(Duration::zero());
  // Nobody is left who works, but a compaction whose files were tried often is given that much time.
  scheduler.SleepUntil(scheduler.now() + state::kCompactionAgeMax);
  for (int i = 0; i < 3; ++i) {
    scheduler.SleepUntil(scheduler.now() + kLongEnough);
    Worker worker(actor, world);
    worker.Collect(Duration::zero());
    worker.Sweep(kAuditSweepAge);
  }
  Worker worker(actor, world);
  worker.Query();
  const state::TableStatePtr state = worker.State();
  if (state == nullptr) return;
  if (const std::string wrong = WrongObject(world.simulation.objects(), {{kTable, state}}); !wrong.empty()) {
    world.simulation.Fail(wrong);
  }
}

void Audit(Actor& actor, World& world) {
  for (int i = 0; i < 2; ++i) {
    Worker worker(actor, world);
    worker.Refresh();
    worker.Query();
    worker.Compact(compact::CompactionMode::kAll);
    worker.Split();
    worker.Tidy();
  }
  Worker worker(actor, world);
  worker.Refresh();
  worker.Query();
  if (world.witness.jobs().size() != world.rows_of_jobs.size()) world.simulation.Fail("a job is missing");
  AuditObjects(actor, world);
}

void Play(Simulation& simulation) {
  World world(simulation);
  for (int ingester = 0; ingester < kIngesters; ++ingester) {
    simulation.AddActor(fmt::format("ingester-{}", ingester),
                        [&world, ingester](Actor& actor) { Ingest(actor, world, ingester); });
  }
  const std::pair<const char*, std::function<void(Worker&)>> others[] = {
      {"compactor-0", [](Worker& worker) { worker.Compact(compact::CompactionMode::kStrategy); }},
      {"compactor-1", [](Worker& worker) { worker.Compact(compact::CompactionMode::kAll); }},
      {"splitter", [](Worker& worker) { worker.Split(); }},
      {"reader-0", [](Worker& worker) { worker.Query(); }},
      {"reader-1", [](Worker& worker) { worker.Query(); }},
      {"collector", [](Worker& worker) { worker.Collect(worker.collect_delay()); }},
      {"sweeper", [](Worker& worker) { worker.Sweep(worker.sweep_age()); }},
      {"tidier", [](Worker& worker) { worker.Tidy(); }},
  };
  for (const auto& [name, action] : others) {
    simulation.AddActor(name, [&world, action = action](Actor& actor) { Repeat(actor, world, action); });
  }
  simulation.Run();
  simulation.RunHealed("auditor", [&world](Actor& actor) { Audit(actor, world); });
}

}  // namespace

Scenario TableScenario() { return {"table", Play}; }

}  // namespace sleeper::sim
