#include "tests/sim/instance_scenario.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tests/sim/excuses.h"
#include "tests/sim/ingest_witness.h"
#include "tests/sim/registry_witness.h"
#include "tests/sim/site.h"

namespace sleeper::sim {
namespace {

using model::JobId;
using model::TableId;
using state::RegisteredTable;

constexpr int kClerks = 3;
constexpr int kJobsPerClerk = 3;
constexpr uint64_t kRowsPerJobMax = 6;
constexpr uint64_t kKeys = 40;
constexpr int kAdministrators = 2;
constexpr int kAdministratorRounds = 6;
constexpr int kRoundsMax = 6;
constexpr uint64_t kNames = 3;
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();
// Longer than a sweep waits, and shorter than jobs are remembered. A sweep may need two more: one for what the first
// one wrote, and one for what that left.
constexpr Duration kLongEnough = std::chrono::hours(72);
constexpr int kTidyRounds = 3;

struct IngestJob {
  JobId id;
  bool acknowledged = false;
  /// Where an attempt may have been committed without our hearing of it.
  std::set<TableId> in_doubt;
};

/// Brings a witness for each table whose log begins. Confined.
class TableWitnesses final : public ObjectWatcher {
 public:
  TableWitnesses(Simulation& simulation, const RegistryWitness& registry, const RowsOfJobs& rows_of_jobs,
                 const SiteTimes& times)
      : simulation_(simulation), registry_(registry), rows_of_jobs_(rows_of_jobs), times_(times) {
    simulation.objects().Watch(*this);
  }

  /// Null before the log of the table has begun.
  const IngestWitness* Find(const TableId& id) const {
    const auto found = tables_.find(id);
    return found == tables_.end() ? nullptr : found->second.get();
  }

  void Written(const store::ObjectPath& path, const Buffer&) override {
    constexpr std::string_view kTables = "tables/";
    constexpr size_t kTableIdDigits = 16;
    if (!path.value().starts_with(kTables)) return;
    const TableId id(path.value().substr(kTables.size(), kTableIdDigits));
    if (tables_.contains(id) || state::LogLayout::ForTable(id).EntryNumber(path) != 1) return;
    auto witness = std::make_unique<IngestWitness>(simulation_, id, rows_of_jobs_,
                                                   [this, id] { return registry_.IsGone(id) && !Ended(id); });
    witness->set_collect_delay(times_.collect_delay);
    tables_.emplace(id, std::move(witness));
  }
  void Deleted(const store::ObjectPath&) override {}

 private:
  bool Ended(const TableId& id) const { return tables_.at(id)->ended(); }

  Simulation& simulation_;
  const RegistryWitness& registry_;
  const RowsOfJobs& rows_of_jobs_;
  const SiteTimes& times_;
  std::map<TableId, std::unique_ptr<IngestWitness>> tables_;
};

/// What all actors share.
struct World {
  explicit World(Simulation& simulation_in)
      : simulation(simulation_in), registry(simulation_in), tables(simulation_in, registry, rows_of_jobs, times) {
    Scheduler& scheduler = simulation.scheduler();
    int64_t rows = 0;
    for (int i = 0; i < kClerks * kJobsPerClerk; ++i) {
      jobs.push_back({.id = JobId(fmt::format("job-{}", i)), .acknowledged = false, .in_doubt = {}});
      std::vector<NumberRow>& rows_of_job = rows_of_jobs[jobs.back().id];
      for (uint64_t left = 1 + scheduler.Choose(kRowsPerJobMax); left > 0; --left) {
        rows_of_job.push_back({static_cast<int64_t>(scheduler.Choose(kKeys)), ++rows});
      }
    }
    const Duration step = simulation.faults().personality().step_mean;
    times.collect_delay = step * static_cast<int64_t>(scheduler.Choose(3) * 300);
    times.sweep_age = step * static_cast<int64_t>(100 + scheduler.Choose(3) * 500);
  }

  bool goes_on() const { return jobs_open > 0 && !simulation.failed(); }

  Simulation& simulation;
  SiteTimes times;
  RowsOfJobs rows_of_jobs;
  RegistryWitness registry;
  TableWitnesses tables;
  std::vector<IngestJob> jobs;
  int jobs_open = kClerks * kJobsPerClerk;
};

/// One process that does something to the instance.
class Visitor {
 public:
  Visitor(Actor& actor, World& world) : actor_(actor), world_(world), site_(actor, world.times) {}

  void Administer() {
    switch (actor_.random().Below(4)) {
      case 0:
        Passes("DropTable", site_.Drop(AnyName()), {ErrorKind::kConflict, ErrorKind::kNotFound});
        return;
      case 1:
        Passes("RenameTable", site_.Rename(AnyName(), AnyName(kNames)), {ErrorKind::kConflict, ErrorKind::kNotFound});
        return;
      default:
        return Create();
    }
  }

  /// Delivers a job to one table until it is done or the table is gone.
  void Deliver(IngestJob& job) {
    const std::vector<RegisteredTable> tables = Tables();
    if (actor_.killed() || world_.simulation.failed()) return;
    if (tables.empty()) return Create();
    const TableId id = tables[actor_.random().Below(tables.size())].id;
    while (!job.acknowledged && !actor_.killed() && !world_.simulation.failed()) {
      if (!DeliverTo(id, job)) return;
      actor_.Rest();
    }
  }

  void Compact() { Passes("CompactTable", site_.Compact(AnyName()), {ErrorKind::kNotFound}); }

  void Split() {
    const auto key = static_cast<int64_t>(1 + actor_.random().Below(kKeys - 1));
    Passes("SplitTableAt", site_.Split(AnyName(), key), {ErrorKind::kConflict, ErrorKind::kNotFound});
  }

  void Keep() {
    switch (actor_.random().Below(4)) {
      case 0:
        Passes("WriteSnapshot", site_.Snapshot(AnyName()), {ErrorKind::kNotFound});
        return;
      case 1:
        Passes("Truncate", site_.Truncate(AnyName()), {ErrorKind::kNotFound});
        return;
      case 2:
        Passes("CollectTable", site_.Collect(AnyName()), {ErrorKind::kNotFound});
        return;
      default:
        Passes("SweepTable", site_.Sweep(AnyName()), {ErrorKind::kConflict, ErrorKind::kNotFound});
    }
  }

  void Tidy() { Passes("tidying", site_.Tidy(), {ErrorKind::kConflict, ErrorKind::kNotFound}); }
  void SweepGoneTables() { Passes("SweepGoneTables", site_.SweepGoneTables(), {}); }

  void Query() {
    const std::vector<RegisteredTable> tables = Tables();
    if (tables.empty() || actor_.killed()) return;
    Query(tables[actor_.random().Below(tables.size())].id);
  }

  /// Reads a table and compares it with what was in it at some moment of the reading.
  void Query(const TableId& id) {
    const IngestWitness* witness = world_.tables.Find(id);
    if (witness == nullptr) return world_.simulation.Fail("table " + id.value() + " is listed and has no log");
    const size_t jobs_before = witness->jobs().size();
    Scheduler& scheduler = world_.simulation.scheduler();
    const Duration begun = scheduler.now();
    const Result<std::vector<NumberRow>> rows = site_.ReadTable(id);
    if (!Passes("RunQuery", rows.status(), {ErrorKind::kNotFound})) {
      if (actor_.killed() || rows.ok() || !IsKind(rows.status(), ErrorKind::kNotFound)) return;
      world_.simulation.Count(witness->ended() ? "queries of dropped tables" : "queries whose files were collected");
      if (!witness->ended() && scheduler.now() - begun < world_.times.collect_delay) {
        world_.simulation.Fail(actor_.name() +
                               " lost a file sooner than the delay of collections: " + rows.status().ToString());
      }
      return;
    }
    world_.simulation.Count("queries answered");
    std::vector<NumberRow> sorted = *rows;
    std::sort(sorted.begin(), sorted.end());
    for (size_t jobs = jobs_before; jobs <= witness->jobs().size(); ++jobs) {
      if (sorted == witness->Rows(jobs, kLeast, kGreatest)) return;
    }
    world_.simulation.Fail(
        fmt::format("{} was given {} rows of table {}, which it never held", actor_.name(), sorted.size(), id.value()));
  }

 private:
  /// Of the names that tables are created under, and `more` others.
  std::string AnyName(uint64_t more = 0) { return fmt::format("table-{}", actor_.random().Below(kNames + more)); }

  void Create() { Passes("CreateTable", site_.Create(AnyName()), {ErrorKind::kConflict, ErrorKind::kNotFound}); }

  std::vector<RegisteredTable> Tables() {
    Result<std::vector<RegisteredTable>> tables = site_.Tables();
    if (!Passes("reading the registry", tables.status(), {})) return {};
    return std::move(tables).ValueUnsafe();
  }

  /// False if the table is gone.
  bool DeliverTo(const TableId& id, IngestJob& job) {
    const IngestWitness* witness = world_.tables.Find(id);
    if (witness == nullptr) {
      world_.simulation.Fail("table " + id.value() + " is listed and has no log");
      return false;
    }
    const bool was_in_doubt = !job.in_doubt.insert(id).second;
    const Result<ingest::IngestReport> report = site_.IngestInto(id, job.id.value(), world_.rows_of_jobs.at(job.id));
    if (actor_.killed()) return false;
    const model::LogNumber entry = witness->EntryOfJob(job.id);
    if (report.ok()) {
      Acknowledge(id, job, *report, entry, was_in_doubt);
      return false;
    }
    Passes("IngestTable", report.status(), {ErrorKind::kConflict, ErrorKind::kNotFound});
    const bool is_gone = IsKind(report.status(), ErrorKind::kNotFound);
    if (is_gone && !witness->ended()) {
      world_.simulation.Fail(fmt::format("{} was told that table {} is gone, and it is there: {}", actor_.name(),
                                         id.value(), report.status().ToString()));
    }
    if (is_gone) world_.simulation.Count("ingests into dropped tables");
    // Whether it was there before the table was dropped makes no difference any more.
    if (IsDenial(report.status()) && !was_in_doubt && !is_gone) {
      job.in_doubt.erase(id);
      if (entry != 0) {
        world_.simulation.Fail(
            fmt::format("{}: {} was denied, and it is entry {}", actor_.name(), job.id.value(), entry));
      }
    }
    return !is_gone;
  }

  void Acknowledge(const TableId& id, IngestJob& job, const ingest::IngestReport& report, model::LogNumber entry,
                   bool was_in_doubt) {
    // The transaction that ends its registration may stand in a later entry.
    if (entry == 0 || entry > report.number) {
      return world_.simulation.Fail(fmt::format("{}: {} was acknowledged at entry {} of table {}, and it is entry {}",
                                                actor_.name(), job.id.value(), report.number, id.value(), entry));
    }
    if (report.already_done && !was_in_doubt) {
      return world_.simulation.Fail(
          fmt::format("{}: {} was denied before, and is done", actor_.name(), job.id.value()));
    }
    world_.simulation.Count(report.already_done ? "jobs found done" : "jobs acknowledged");
    if (!std::exchange(job.acknowledged, true)) --world_.jobs_open;
  }

  /// True if the call was done, and there is somebody to know it. A failure has to be excusable or one of `others`.
  bool Passes(const std::string& what, const Status& status, const std::vector<ErrorKind>& others) {
    if (actor_.killed()) return false;
    if (status.ok()) return true;
    bool expected = IsExcusable(status);
    for (ErrorKind kind : others) expected = expected || IsKind(status, kind);
    if (!expected) {
      world_.simulation.Fail(fmt::format("{}: {} failed: {}", actor_.name(), what, status.ToString()));
    }
    return false;
  }

  Actor& actor_;
  World& world_;
  Site site_;
};

void Ingest(Actor& actor, World& world, int clerk) {
  for (int i = 0; i < kJobsPerClerk; ++i) {
    IngestJob& job = world.jobs[static_cast<size_t>(clerk * kJobsPerClerk + i)];
    while (!job.acknowledged && !actor.killed() && !world.simulation.failed()) {
      Visitor(actor, world).Deliver(job);
      actor.Rest();
    }
    if (actor.killed()) return;
  }
}

void Repeat(Actor& actor, World& world, int rounds, const std::function<void(Visitor&)>& action) {
  for (int round = 0; round < rounds && world.goes_on() && !actor.killed(); ++round) {
    Visitor visitor(actor, world);
    action(visitor);
    actor.Rest();
  }
}

/// What was acknowledged is there, and in the end nothing is there that nobody needs.
void Audit(Actor& actor, World& world) {
  world.times = {};
  for (int i = 0; i < kTidyRounds; ++i) {
    Site site(actor);
    site.Wait(kLongEnough);
    const Status tidied = site.Tidy();
    if (!tidied.ok()) return world.simulation.Fail("tidying failed although all is well: " + tidied.ToString());
  }
  for (const auto& [name, id] : world.registry.names()) {
    if (world.tables.Find(id)->ended()) return world.simulation.Fail("a dropped table is still listed");
    Visitor(actor, world).Query(id);
  }
  Site site(actor);
  const Result<std::string> wrong = site.WrongObject();
  if (!wrong.ok()) return world.simulation.Fail("looking at all objects failed: " + wrong.status().ToString());
  if (!wrong->empty()) world.simulation.Fail(*wrong);
}

void Play(Simulation& simulation) {
  World world(simulation);
  for (int clerk = 0; clerk < kClerks; ++clerk) {
    simulation.AddActor(fmt::format("clerk-{}", clerk), [&world, clerk](Actor& actor) { Ingest(actor, world, clerk); });
  }
  for (int i = 0; i < kAdministrators; ++i) {
    simulation.AddActor(fmt::format("administrator-{}", i), [&world](Actor& actor) {
      Repeat(actor, world, kAdministratorRounds, [](Visitor& visitor) { visitor.Administer(); });
    });
  }
  const std::pair<const char*, std::function<void(Visitor&)>> others[] = {
      {"compactor", [](Visitor& visitor) { visitor.Compact(); }},
      {"splitter", [](Visitor& visitor) { visitor.Split(); }},
      {"reader-0", [](Visitor& visitor) { visitor.Query(); }},
      {"reader-1", [](Visitor& visitor) { visitor.Query(); }},
      {"keeper", [](Visitor& visitor) { visitor.Keep(); }},
      {"tidier", [](Visitor& visitor) { visitor.Tidy(); }},
      {"sweeper", [](Visitor& visitor) { visitor.SweepGoneTables(); }},
  };
  for (const auto& [name, action] : others) {
    simulation.AddActor(name, [&world, action = action](Actor& actor) { Repeat(actor, world, kRoundsMax, action); });
  }
  simulation.Run();
  simulation.RunHealed("auditor", [&world](Actor& actor) { Audit(actor, world); });
}

}  // namespace

Scenario InstanceScenario() { return {"instance", Play}; }

}  // namespace sleeper::sim
