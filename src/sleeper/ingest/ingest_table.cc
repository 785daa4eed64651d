#include "sleeper/ingest/ingest_table.h"

#include <memory>
#include <optional>
#include <utility>

#include "sleeper/base/time.h"
#include "sleeper/ingest/commit_ingest.h"
#include "sleeper/ingest/registration.h"
#include "sleeper/ingest/run_ingest.h"

namespace sleeper::ingest {
namespace {

/// A state that was refreshed less than this ago counts as fresh: files that are started in quick succession share a
/// birth.
constexpr Duration kFreshFor = std::chrono::seconds(5);

/// The newest state of a table, but not a newer one for each of many small files; and at each a look whether the job is
/// still to be done. Confined.
///
/// A state at which that look succeeded tells that the job had not been done before it, also if jobs were forgotten
/// meanwhile: a job that ended after the last look would be forgotten only once the sweep floor is above its end. So
/// the births of files may come from such a state: what is done and forgotten later raises the floor above them.
class JobWatch {
 public:
  /// All must outlive it.
  JobWatch(state::TableLog& log, const Clock& clock, const IngestRequest& request)
      : log_(log), clock_(clock), request_(request) {}

  /// kConflict if the job is done, or if that can no longer be told.
  Result<state::DatedState<state::TableState>> Get(const CallContext& call) {
    const Instant now = clock_.MonotonicNow();
    if (newest_.state != nullptr && now - refreshed_ <= kFreshFor) return newest_;
    TRY_ASSIGN(const auto fresh, log_.RefreshDated(call));
    if (!fresh.state->exists()) return Error(ErrorKind::kNotFound, "the table does not exist");
    TRY(Look(*fresh.state));
    newest_ = fresh;
    refreshed_ = now;
    return newest_;
  }

  /// Set once the job was found to be done by another attempt.
  const std::optional<state::JobOutcome>& earlier() const { return earlier_; }

 private:
  Status Look(const state::TableState& state) {
    TRY_ASSIGN(earlier_, FindEarlier(state, request_));
    if (earlier_) return Error(ErrorKind::kConflict, "job ", request_.job, " is done already");
    if (newest_.state != nullptr && state.sweep_floor() > newest_.state->number() + 1) {
      return WithHint(Error(ErrorKind::kConflict, "job ", request_.job,
                            " stood still for so long that a sweep passed it: it may have been done and forgotten "
                            "meanwhile"),
                      "run it again under the same id, unless it was done elsewhere");
    }
    return Status::OK();
  }

  state::TableLog& log_;
  const Clock& clock_;
  const IngestRequest& request_;
  state::DatedState<state::TableState> newest_;
  Instant refreshed_;
  std::optional<state::JobOutcome> earlier_;
};

IngestReport ReportOf(const state::JobOutcome& earlier) {
  IngestReport report;
  report.job = earlier.id;
  report.already_done = true;
  report.rows_read = earlier.counts.rows_read;
  report.rows_written = earlier.counts.rows_written;
  report.files = earlier.counts.files_out;
  report.number = earlier.ended;
  return report;
}

Result<IngestReport> RunAndCommit(const TablePorts& ports, const IngestSpec& spec, JobWatch& watch,
                                  std::vector<InputOpener> openers, Registration& registration,
                                  const CallContext& call) {
  const auto fresh_state = [&](const CallContext& asked) -> Result<state::TableStatePtr> {
    TRY_ASSIGN(const auto newest, watch.Get(asked));
    TRY(registration.FileIsBorn(newest, asked));
    return newest.state;
  };
  const auto keep_alive = [&](const CallContext& asked) -> Status {
    if (!registration.is_due()) return Status::OK();
    TRY_ASSIGN(const auto newest, watch.Get(asked));
    return registration.KeepAlive(newest, asked);
  };
  const IngestPorts run{.store = ports.store,
                        .table = ports.table,
                        .scratch = ports.scratch,
                        .executor = ports.executor,
                        .random = ports.random,
                        .fresh_state = fresh_state,
                        .keep_alive = keep_alive};
  TRY_ASSIGN(const IngestOutcome outcome, RunIngest(run, spec, std::move(openers), call));
  TRY_ASSIGN(const CommittedIngest committed, CommitIngest(ports.committer, spec, outcome, registration, call));
  if (committed.earlier) return ReportOf(*committed.earlier);

  IngestReport report;
  report.job = spec.job;
  report.rows_read = outcome.rows_read;
  report.rows_written = outcome.rows_written();
  report.files = static_cast<int64_t>(outcome.files.size());
  report.bytes = outcome.bytes_written();
  report.number = committed.number;
  report.ignored = outcome.ignored;
  report.bytes_spilled = outcome.sort.bytes_spilled;
  return report;
}

/// The objects of a dropped table are swept as what a dead writer left is: whoever meets that is told of the drop.
Status WhyItFailed(const TablePorts& ports, const Status& failure, const CallContext& call) {
  if (!IsKind(failure, ErrorKind::kConflict)) return failure;
  const Result<state::TableStatePtr> state = ports.log.Refresh(call);
  const bool is_gone = state.ok() && !(*state)->exists();
  return is_gone ? Error(ErrorKind::kNotFound, "the table was dropped meanwhile") : failure;
}

Result<IngestReport> WatchAndRun(const TablePorts& ports, const IngestRequest& request,
                                 const model::Properties& properties, const InputLister& inputs, JobWatch& watch,
                                 const CallContext& call) {
  TRY_ASSIGN(const auto newest, watch.Get(call));
  TRY_ASSIGN(const IngestSpec spec, PlanIngest(*newest.state, request, properties));
  TRY_ASSIGN(std::vector<InputOpener> openers, inputs(call));
  Registration registration(ports.committer, ports.executor, ports.random, spec);
  Result<IngestReport> report = RunAndCommit(ports, spec, watch, std::move(openers), registration, call);
  if (report.ok()) return report;
  registration.GiveUp(call);
  if (watch.earlier()) return report;
  return WhyItFailed(ports, report.status(), call);
}

}  // namespace

Result<IngestReport> IngestTable(const TablePorts& ports, const IngestRequest& request,
                                 const model::Properties& properties, const InputLister& inputs,
                                 const CallContext& call) {
  JobWatch watch(ports.log, ports.executor.clock(), request);
  Result<IngestReport> report = WatchAndRun(ports, request, properties, inputs, watch, call.As("ingest"));
  return watch.earlier() ? ReportOf(*watch.earlier()) : std::move(report);
}

}  // namespace sleeper::ingest
