#include "sleeper/collect/sweep_table.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sleeper/collect/delete_objects.h"
#include "sleeper/collect/find_orphans.h"
#include "sleeper/collect/plan_sweep.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/store_time.h"

namespace sleeper::collect {
namespace {

/// Listings after which the operation ends in any case.
constexpr int kListingsMax = 1'000;
/// Times that others may register older work while the floor is raised.
constexpr int kConflictsMax = 10;
/// Orphans that are deleted before progress is told and cancellation is looked at.
constexpr size_t kOrphansPerStep = 10'000;

/// One run of the operation. Confined.
class TableSweep {
 public:
  TableSweep(const TablePorts& ports, const SweepPolicy& policy, const CallContext& call)
      : ports_(ports), policy_(policy), call_(call) {
    if (policy.extent == SweepExtent::kPart) slice_ = ports.random.Next();
  }

  Result<SweepReport> Run() {
    TRY(Refresh());
    TRY(ReleaseSilentJobs());
    TRY(ForgetOldJobs());
    TRY(ForgetSpareMarks());
    if (const std::optional<Duration> age = AbandonedWriteAge(*time_, policy_)) {
      report_.failure = ports_.store.DropAbandonedWrites(state::TablePrefix(ports_.table), *age, call_);
    }
    for (int listings = 0; listings < kListingsMax; ++listings) {
      Result<bool> again = SweepOnce();
      if (!again.ok() && report_.orphans == 0) return again.status();
      if (!again.ok() && report_.failure.ok()) report_.failure = again.status();
      if (!again.ok() || !*again) break;
    }
    return std::move(report_);
  }

 private:
  Status Refresh() {
    TRY_ASSIGN(state::DatedState<state::TableState> newest, ports_.log.RefreshDated(call_));
    if (!newest.state->exists()) return Error(ErrorKind::kNotFound, "the table does not exist, or was dropped");
    const std::optional<WallTime> now = time_ ? std::optional(time_->now()) : std::nullopt;
    time_.emplace(std::move(newest));
    if (now) time_ = time_->At(*now);
    return Status::OK();
  }

  /// The newest entry, and listings, tell a time without a request. It may be long ago: if that makes a difference, the
  /// store is asked, once.
  Status AskTime() {
    if (asked_) return Status::OK();
    TRY_ASSIGN(asked_, state::AskStoreTime(ports_.store, ports_.random, ports_.table, time_->state().number(), call_));
    time_ = time_->At(*asked_);
    return Status::OK();
  }

  Status ReleaseSilentJobs() {
    SilentJobs silent = FindSilentJobs(*time_, policy_);
    if (silent.others > 0) {
      TRY(AskTime());
      silent = FindSilentJobs(*time_, policy_);
    }
    if (silent.dead.empty()) return Status::OK();
    report_.jobs_released = static_cast<int64_t>(silent.dead.size());
    TRY(ports_.committer.Commit(state::Transaction(state::ReleaseJobs{std::move(silent.dead)}), call_).status());
    return Refresh();
  }

  Status ForgetOldJobs() {
    if (!ForgettableJobs(*time_, policy_)) return Status::OK();
    // A job that was forgotten can be done twice. So an entry's word for what time it is does not suffice here.
    TRY(AskTime());
    const std::optional<model::LogNumber> through = ForgettableJobs(time_->NotAfter(*asked_), policy_);
    if (!through) return Status::OK();
    std::vector<state::Transaction> both;
    both.emplace_back(state::RaiseSweepFloor{*through + 1});
    both.emplace_back(state::ForgetJobs{*through});
    TRY_ASSIGN(const state::CommitOutcome committed, ports_.committer.Commit(std::move(both), call_));
    // Older work was registered meanwhile: another time.
    if (!committed.status().ok() && !IsKind(committed.status(), ErrorKind::kConflict)) return committed.status();
    return Refresh();
  }

  Status ForgetSpareMarks() {
    std::vector<model::LogNumber> spare = SpareMarks(*time_);
    if (spare.empty()) return Status::OK();
    TRY(ports_.committer.Commit(state::Transaction(state::ForgetMarks{std::move(spare)}), call_).status());
    return Refresh();
  }

  /// Lists once and deletes what may go. True if it is worth listing again.
  Result<bool> SweepOnce() {
    TRY_ASSIGN(const OrphanListing listing,
               FindOrphans(ports_.store, ports_.executor, ports_.table, time_->state(), slice_, call_));
    time_ = time_->At(listing.newest);
    report_.foreign = listing.foreign;
    report_.waiting = static_cast<int64_t>(listing.orphans.size());
    if (listing.orphans.empty()) return false;
    std::vector<Orphan> doomed = Deletable(listing);
    if (doomed.size() < listing.orphans.size()) {
      TRY(AskTime());
      doomed = Deletable(listing);
    }
    if (doomed.empty()) return false;
    TRY_ASSIGN(const bool is_raised, RaiseFloorAbove(doomed));
    if (!is_raised) return true;
    TRY(Delete(std::move(doomed)));
    return listing.more && report_.failure.ok();
  }

  std::vector<Orphan> Deletable(const OrphanListing& listing) const {
    const model::LogNumber floor = HighestFloor(*time_, policy_);
    std::vector<Orphan> doomed;
    for (const Orphan& orphan : listing.orphans) {
      if (orphan.birth < floor && time_->now() - orphan.last_modified >= policy_.age) doomed.push_back(orphan);
    }
    return doomed;
  }

  /// Makes sure that nothing of `doomed` can become part of the table any more, and brings the state up to date with
  /// that. False if the orphans have to be looked at again.
  Result<bool> RaiseFloorAbove(const std::vector<Orphan>& doomed) {
    model::LogNumber needed = 0;
    for (const Orphan& orphan : doomed) needed = std::max(needed, orphan.birth + 1);
    const model::LogNumber wanted = HighestFloor(*time_, policy_);
    TRY(Refresh());
    while (time_->state().sweep_floor() < needed) {
      // The floor may not be above the state: a first entry makes room for the last step.
      const model::LogNumber floor = std::min(wanted, time_->state().number());
      const Status raised = ports_.committer.Commit(state::Transaction(state::RaiseSweepFloor{floor}), call_).status();
      if (!raised.ok() && (!IsKind(raised, ErrorKind::kConflict) || ++conflicts_ > kConflictsMax)) return raised;
      TRY(Refresh());
      if (!raised.ok()) return false;
    }
    return true;
  }

  Status Delete(std::vector<Orphan> doomed) {
    report_.waiting -= static_cast<int64_t>(doomed.size());
    // What became part of the table before the floor was raised is known now.
    TRY_ASSIGN(doomed,
               StillOrphans(ports_.store, ports_.executor, ports_.table, time_->state(), std::move(doomed), call_));
    std::vector<DoomedObject> objects;
    for (Orphan& orphan : doomed) objects.push_back({std::move(orphan.path), orphan.bytes});
    for (size_t first = 0; first < objects.size(); first += kOrphansPerStep) {
      TRY(call_.Check(ports_.executor.clock()));
      const size_t count = std::min(kOrphansPerStep, objects.size() - first);
      const Deletion deletion =
          DeleteObjects(ports_.store, ports_.executor, std::span(objects).subspan(first, count), call_);
      report_.orphans += deletion.objects;
      report_.bytes += deletion.bytes;
      report_.failed += deletion.failed();
      if (report_.failure.ok()) report_.failure = deletion.failure;
      call_.Report("sweeping", report_.orphans + report_.failed, 0);
    }
    return Status::OK();
  }

  const TablePorts& ports_;
  const SweepPolicy& policy_;
  const CallContext& call_;
  std::optional<uint64_t> slice_;
  /// Set by Refresh.
  std::optional<state::StoreTime> time_;
  /// What the store answered, once it was asked.
  std::optional<WallTime> asked_;
  int conflicts_ = 0;
  SweepReport report_;
};

}  // namespace

SweepReport& SweepReport::operator+=(const SweepReport& other) {
  orphans += other.orphans;
  bytes += other.bytes;
  failed += other.failed;
  waiting += other.waiting;
  foreign += other.foreign;
  jobs_released += other.jobs_released;
  if (failure.ok()) failure = other.failure;
  return *this;
}

Result<SweepReport> SweepTable(const TablePorts& ports, const SweepPolicy& policy, const CallContext& call) {
  const CallContext own = call.As("sweep");
  return TableSweep(ports, policy, own).Run();
}

}  // namespace sleeper::collect
