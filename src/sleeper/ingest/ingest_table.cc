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

/// Refreshes the state of a table, but not for each of many small files. Confined.
class StateRefresher {
 public:
  StateRefresher(state::TableLog& log, const Clock& clock) : log_(log), clock_(clock) {}

  Result<state::DatedState<state::TableState>> Get(const CallContext& call) {
    const Instant now = clock_.MonotonicNow();
    if (newest_.state == nullptr || now - refreshed_ > kFreshFor) {
      TRY_ASSIGN(newest_, log_.RefreshDated(call));
      refreshed_ = now;
    }
    if (!newest_.state->exists()) return Error(ErrorKind::kNotFound, "the table does not exist");
    return newest_;
  }

 private:
  state::TableLog& log_;
  const Clock& clock_;
  state::DatedState<state::TableState> newest_;
  Instant refreshed_;
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

Result<IngestReport> RunAndCommit(const TablePorts& ports, const IngestSpec& spec, StateRefresher& refresher,
                                  std::vector<InputOpener> openers, Registration& registration,
                                  const CallContext& call) {
  const auto fresh_state = [&](const CallContext& asked) -> Result<state::TableStatePtr> {
    TRY_ASSIGN(const auto newest, refresher.Get(asked));
    TRY(registration.FileIsBorn(newest, asked));
    return newest.state;
  };
  const IngestPorts run{.store = ports.store,
                        .table = ports.table,
                        .scratch = ports.scratch,
                        .executor = ports.executor,
                        .random = ports.random,
                        .fresh_state = fresh_state,
                        .keep_alive = [&](const CallContext& asked) { return registration.KeepAlive(asked); }};
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

}  // namespace

Result<IngestReport> IngestTable(const TablePorts& ports, const IngestRequest& request,
                                 const model::Properties& properties, const InputLister& inputs,
                                 const CallContext& call) {
  const CallContext own = call.As("ingest");
  StateRefresher refresher(ports.log, ports.executor.clock());
  TRY_ASSIGN(const auto newest, refresher.Get(own));
  TRY_ASSIGN(const std::optional<state::JobOutcome> earlier, FindEarlier(*newest.state, request));
  if (earlier) return ReportOf(*earlier);

  TRY_ASSIGN(const IngestSpec spec, PlanIngest(*newest.state, request, properties));
  TRY_ASSIGN(std::vector<InputOpener> openers, inputs(own));
  Registration registration(ports.committer, ports.executor, ports.random, spec);
  Result<IngestReport> report = RunAndCommit(ports, spec, refresher, std::move(openers), registration, own);
  if (report.ok()) return report;
  registration.GiveUp(own);
  return WhyItFailed(ports, report.status(), own);
}

}  // namespace sleeper::ingest
