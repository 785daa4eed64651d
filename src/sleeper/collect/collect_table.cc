#include "sleeper/collect/collect_table.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "sleeper/collect/delete_objects.h"
#include "sleeper/collect/plan_deletions.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/store_time.h"

namespace sleeper::collect {
namespace {

/// Files of one plan, which are held in memory.
constexpr int64_t kFilesPerPlanMax = 100'000;
/// Files that are deleted before the state forgets them: what is deleted for nothing if the process dies.
constexpr size_t kFilesPerCommitMax = 10'000;
/// Plans after which the operation ends in any case.
constexpr int kPlansMax = 1'000;

/// One run of the operation. Confined.
class TableCollection {
 public:
  TableCollection(const TablePorts& ports, Duration delay, const CallContext& call)
      : ports_(ports), delay_(delay), call_(call) {}

  Result<CollectReport> Run() {
    TRY_ASSIGN(state::DatedState<state::TableState> newest, ports_.log.RefreshDated(call_));
    if (!newest.state->exists()) return Error(ErrorKind::kNotFound, "the table does not exist, or was dropped");
    total_ = newest.state->totals().unreferenced_files;
    report_.failure = Plans(std::move(newest));
    return std::move(report_);
  }

 private:
  Status Plans(state::DatedState<state::TableState> newest) {
    for (int plans = 0; plans < kPlansMax && newest.state->totals().unreferenced_files > 0; ++plans) {
      TRY_ASSIGN(const DeletionPlan plan, Plan(std::move(newest)));
      report_.waiting = plan.waiting;
      if (plan.files.empty()) break;
      TRY(Delete(plan.files));
      TRY_ASSIGN(newest, ports_.log.RefreshDated(call_));
      if (!newest.state->exists()) return Error(ErrorKind::kNotFound, "the table was dropped meanwhile");
      report_.waiting = std::max<int64_t>(0, newest.state->totals().unreferenced_files - report_.failed);
      if (report_.failed > 0) break;
    }
    return report_.failure;
  }

  /// The newest entry tells a time without a request. It may be long ago: if that makes a difference, the store is
  /// asked.
  Result<DeletionPlan> Plan(state::DatedState<state::TableState> newest) {
    state::StoreTime time(std::move(newest));
    DeletionPlan plan = PlanDeletions(time, delay_, kFilesPerPlanMax);
    if (plan.waiting == 0 || !plan.files.empty()) return plan;
    TRY_ASSIGN(const WallTime now,
               state::AskStoreTime(ports_.store, ports_.random, ports_.table, time.state().number(), call_));
    return PlanDeletions(time.At(now), delay_, kFilesPerPlanMax);
  }

  Status Delete(std::span<const state::TrackedFile> files) {
    while (!files.empty()) {
      TRY(call_.Check(ports_.executor.clock()));
      const size_t count = std::min(files.size(), kFilesPerCommitMax);
      TRY(DeleteAndForget(files.first(count)));
      files = files.subspan(count);
    }
    return Status::OK();
  }

  Status DeleteAndForget(std::span<const state::TrackedFile> files) {
    std::vector<DoomedObject> objects;
    for (const state::TrackedFile& file : files) {
      objects.push_back({state::DataFilePath(ports_.table, file.record.id), file.record.size_bytes});
    }
    const Deletion deletion = DeleteObjects(ports_.store, ports_.executor, objects, call_);
    state::ForgetFiles forget;
    for (size_t i = 0; i < files.size(); ++i) {
      if (deletion.deleted[i]) forget.files.push_back({files[i].record.id, files[i].record.bounds.min});
    }
    report_.failed += deletion.failed();
    if (report_.failure.ok()) report_.failure = deletion.failure;
    if (!forget.files.empty()) TRY(ports_.committer.Commit(state::Transaction(std::move(forget)), call_).status());
    report_.files += deletion.objects;
    report_.bytes += deletion.bytes;
    call_.Report("collecting", report_.files + report_.failed, total_);
    return Status::OK();
  }

  const TablePorts& ports_;
  const Duration delay_;
  const CallContext& call_;
  int64_t total_ = 0;
  CollectReport report_;
};

}  // namespace

Result<CollectReport> CollectTable(const TablePorts& ports, Duration delay, const CallContext& call) {
  const CallContext own = call.As("collect");
  return TableCollection(ports, delay, own).Run();
}

}  // namespace sleeper::collect
