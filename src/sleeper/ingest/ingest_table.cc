#include "sleeper/ingest/ingest_table.h"

#include <memory>
#include <optional>
#include <utility>

#include "sleeper/base/time.h"
#include "sleeper/ingest/commit_ingest.h"
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

  Result<state::TableStatePtr> Get(const CallContext& call) {
    const Instant now = clock_.MonotonicNow();
    if (state_ == nullptr || now - refreshed_ > kFreshFor) {
      TRY_ASSIGN(state_, log_.Refresh(call));
      refreshed_ = now;
    }
    if (!state_->exists()) return Error(ErrorKind::kNotFound, "the table does not exist");
    return state_;
  }

 private:
  state::TableLog& log_;
  const Clock& clock_;
  state::TableStatePtr state_;
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

}  // namespace

Result<IngestReport> IngestTable(const TablePorts& ports, const IngestRequest& request,
                                 const model::Properties& properties, const InputLister& inputs,
                                 const CallContext& call) {
  const CallContext own = call.As("ingest");
  StateRefresher refresher(ports.log, ports.executor.clock());
  TRY_ASSIGN(const state::TableStatePtr state, refresher.Get(own));
  TRY_ASSIGN(const std::optional<state::JobOutcome> earlier, FindEarlier(*state, request));
  if (earlier) return ReportOf(*earlier);

  TRY_ASSIGN(const IngestSpec spec, PlanIngest(*state, request, properties));
  TRY_ASSIGN(std::vector<InputOpener> openers, inputs(own));
  const IngestPorts run{ports.store,   ports.table,
                        ports.scratch, ports.executor,
                        ports.random,  [&refresher](const CallContext& asked) { return refresher.Get(asked); }};
  TRY_ASSIGN(const IngestOutcome outcome, RunIngest(run, spec, std::move(openers), own));
  TRY_ASSIGN(const CommittedIngest committed, CommitIngest(ports.committer, spec, outcome, own));
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

}  // namespace sleeper::ingest
