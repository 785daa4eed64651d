#include <string>
#include <utility>

#include "sleeper/collect/collect_table.h"
#include "sleeper/collect/sweep_table.h"
#include "sleeper/compact/plan_compactions.h"
#include "sleeper/engine/current_table.h"
#include "sleeper/engine/sweep_result.h"
#include "sleeper/engine/table.h"
#include "sleeper/engine/table_parts.h"
#include "sleeper/engine/upkeep.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/split/plan_splits.h"

namespace sleeper::engine {
namespace {

collect::TablePorts CollectPorts(TableParts& parts) {
  const TablePorts& ports = parts.ports;
  return {ports.store, ports.executor, ports.random, parts.registered.id, parts.log, parts.committer};
}

Result<SweepResult> Sweep(TableParts& parts, const model::Properties& properties, collect::SweepExtent extent,
                          const CallContext& call) {
  collect::SweepPolicy policy = collect::SweepPolicy::From(properties);
  policy.extent = extent;
  TRY_ASSIGN(const collect::SweepReport report, collect::SweepTable(CollectPorts(parts), policy, call));
  return ResultOf(report);
}

/// The operations of a tick, one after the other. Confined.
class TickSteps {
 public:
  TickSteps(Table& table, TableParts& parts, const CallContext& call) : table_(table), parts_(parts), call_(call) {
    tick_.name = parts_.registered.name;
  }

  TableTick Run() {
    const Result<CurrentTable> current = Current(parts_, call_);
    Note("", current.status());
    if (!current.ok()) return std::move(tick_);
    const int64_t partitions = current->state->partitions().size();
    tick_.split = {.partitions_before = partitions, .partitions_after = partitions};
    if (IsSplitDue(*current)) Step("split", tick_.split, [&] { return table_.Split(call_); });
    if (IsCompactionDue(*current)) {
      Step("compact", tick_.compact, [&] { return table_.Compact({}, call_); });
      Note("compact", tick_.compact.failure);
    }
    Upkeep(*current);
    if (parts_.log.current()->totals().unreferenced_files > 0) {
      Step("collect", tick_.collect, [&] { return table_.Collect(call_); });
      Note("collect", tick_.collect.failure);
    }
    Step("sweep", tick_.sweep, [&] { return Sweep(parts_, current->properties, collect::SweepExtent::kPart, call_); });
    Note("sweep", tick_.sweep.failure);
    return std::move(tick_);
  }

 private:
  static bool IsSplitDue(const CurrentTable& current) {
    return !split::PlanSplits(*current.state, split::SplitPolicy::From(current.properties)).empty();
  }

  /// Also if jobs are under way: their processes may be dead.
  bool IsCompactionDue(const CurrentTable& current) {
    if (current.state->unfinished_jobs() > 0) return true;
    const compact::PlanRequest request{compact::CompactionPolicy::From(current.properties),
                                       file::DataFileSettings::From(current.properties),
                                       parts_.ports.random.Next(),
                                       {}};
    return !compact::PlanCompactions(*current.state, request).jobs.empty();
  }

  void Upkeep(const CurrentTable& current) {
    state::UpkeepOutcome outcome;
    Step("snapshot", outcome, [&] { return parts_.log.Maintain(UpkeepOf(current.properties), call_.As("snapshot")); });
    tick_.snapshot_written = outcome.snapshot.written;
    tick_.entries_truncated = outcome.truncated.entries;
  }

  template <typename Outcome, typename Operation>
  void Step(const char* name, Outcome& outcome, const Operation& operation) {
    // A store that did not answer is not asked for the rest.
    if (IsKind(tick_.failure, ErrorKind::kCancelled) || IsKind(tick_.failure, ErrorKind::kUnavailable)) return;
    Result<Outcome> result = operation();
    Note(name, result.status());
    if (result.ok()) outcome = *std::move(result);
  }

  void Note(const std::string& step, const Status& status) {
    if (!status.ok() && tick_.failure.ok()) tick_.failure = step.empty() ? status : WithContext(status, step);
  }

  Table& table_;
  TableParts& parts_;
  const CallContext& call_;
  TableTick tick_;
};

}  // namespace

TableTick Table::Tick(const CallContext& call) { return TickSteps(*this, *parts_, call).Run(); }

Result<CollectResult> Table::Collect(const CallContext& call) {
  TRY_ASSIGN(const CurrentTable current, Current(*parts_, call));
  const Duration delay = current.properties.Get(model::property::kGcDelay);
  TRY_ASSIGN(const collect::CollectReport report, collect::CollectTable(CollectPorts(*parts_), delay, call));
  return CollectResult{.files = report.files,
                       .bytes = report.bytes,
                       .failed = report.failed,
                       .waiting = report.waiting,
                       .failure = report.failure};
}

Result<SweepResult> Table::Sweep(const CallContext& call) {
  TRY_ASSIGN(const CurrentTable current, Current(*parts_, call));
  return engine::Sweep(*parts_, current.properties, collect::SweepExtent::kWhole, call);
}

}  // namespace sleeper::engine
