#include "sleeper/compact/compact_table.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>
#include <utility>

#include "sleeper/base/mutex.h"
#include "sleeper/base/task_group.h"
#include "sleeper/compact/commit_compaction.h"
#include "sleeper/compact/plan_compactions.h"
#include "sleeper/compact/run_compaction.h"
#include "sleeper/compact/take_over.h"
#include "sleeper/file/data_file_settings.h"

namespace sleeper::compact {
namespace {

/// Jobs that hold their inputs at a time, for each one that runs: if the process dies, no more are left behind.
constexpr int64_t kJobsAssignedPerRunning = 16;

/// One run of the operation.
class TableCompaction {
 public:
  TableCompaction(const TablePorts& ports, const CompactTableRequest& request, const CallContext& call)
      : ports_(ports),
        request_(request),
        reads_(CompactionReads::From(request.properties, request.read_ahead)),
        call_(call) {}

  Result<CompactTableReport> Run() {
    TRY_ASSIGN(state::DatedState<state::TableState> newest, ports_.log.RefreshDated(call_));
    if (!newest.state->exists()) return Error(ErrorKind::kNotFound, "the table does not exist");
    if (request_.dry_run) {
      CompactionPlan plan = Plan(*newest.state);
      report_.plan = std::move(plan.jobs);
      report_.references_set_aside = plan.references_set_aside;
      return std::move(report_);
    }
    TRY(TakeOverJobs(state::StoreTime(std::move(newest))));
    const Status status = Rounds();
    if (report_.failure.ok()) report_.failure = status;
    return std::move(report_);
  }

 private:
  CompactionPlan Plan(const state::TableState& state) {
    PlanRequest plan{CompactionPolicy::From(request_.properties), file::DataFileSettings::From(request_.properties),
                     ports_.random.Next(), failed_files_};
    plan.policy.mode = request_.mode;
    return PlanCompactions(state, plan);
  }

  Status TakeOverJobs(state::StoreTime time) {
    TRY_ASSIGN(const JobsOfOthers others, FindJobsOfOthers(ports_, std::move(time), request_, call_));
    TRY(ReleaseCompactions(ports_.committer, ports_.executor, others.releasable, call_));
    report_.jobs_taken_over = static_cast<int64_t>(others.releasable.size());
    report_.jobs_of_others = others.left_alone;
    return Status::OK();
  }

  Status Rounds() {
    for (int fruitless = 0; fruitless < request_.fruitless_rounds_max;) {
      TRY(call_.Check(ports_.executor.clock()));
      TRY_ASSIGN(const state::TableStatePtr state, ports_.log.Refresh(call_));
      if (!state->exists()) return Error(ErrorKind::kNotFound, "the table was dropped meanwhile");
      CompactionPlan plan = Plan(*state);
      report_.references_set_aside = plan.references_set_aside;
      if (plan.jobs.empty()) return Status::OK();
      const int64_t committed = report_.jobs;
      TRY(RunJobs(std::move(plan.jobs)));
      fruitless = report_.jobs > committed ? 0 : fruitless + 1;
    }
    return WithHint(Error(ErrorKind::kConflict, "work is left: the table changed under every job of ",
                          request_.fruitless_rounds_max, " plans in a row"),
                    "what was committed stays; compact again when fewer others change the table");
  }

  // Takes as many jobs at a time as keep the machine busy, and runs them.
  Status RunJobs(std::vector<CompactionSpec> jobs) {
    rows_total_ = rows_done_;
    for (const CompactionSpec& job : jobs) rows_total_ += job.rows();
    const int parallel = ParallelMerges(jobs);
    const auto jobs_at_a_time = std::min(parallel, static_cast<int>(jobs.size()));
    pieces_at_a_time_ = parallel / jobs_at_a_time;
    const auto step = static_cast<size_t>(jobs_at_a_time * kJobsAssignedPerRunning);
    for (size_t first = 0; first < jobs.size(); first += step) {
      TRY(call_.Check(ports_.executor.clock()));
      const size_t end = std::min(jobs.size(), first + step);
      std::vector<CompactionSpec> some(std::make_move_iterator(jobs.begin() + static_cast<std::ptrdiff_t>(first)),
                                       std::make_move_iterator(jobs.begin() + static_cast<std::ptrdiff_t>(end)));
      TRY_ASSIGN(some,
                 AssignCompactions(ports_.committer, ports_.executor, std::move(some), request_.worker.self, call_));
      TRY(RunAssigned(some, jobs_at_a_time));
    }
    return Status::OK();
  }

  // Merges that run at a time: as many as there are cores, and as fit into memory.
  int ParallelMerges(const std::vector<CompactionSpec>& jobs) const {
    int64_t largest = 1;
    for (const CompactionSpec& job : jobs) largest = std::max(largest, MemoryOf(job, reads_));
    return static_cast<int>(std::clamp<int64_t>(request_.memory_bytes_max / largest, 1, ports_.executor.concurrency()));
  }

  // Every job ends here in one of three ways: committed, superseded, or released.
  Status RunAssigned(const std::vector<CompactionSpec>& jobs, int parallel) {
    std::vector<std::optional<Release>> releases(jobs.size());
    TRY(ParallelFor(ports_.executor, static_cast<int64_t>(jobs.size()), parallel, [&](int64_t i) {
      releases[static_cast<size_t>(i)] = RunJob(jobs[static_cast<size_t>(i)]);
      return Status::OK();
    }));
    std::vector<Release> failed;
    for (std::optional<Release>& release : releases) {
      if (release) failed.push_back(std::move(*release));
    }
    return ReleaseCompactions(ports_.committer, ports_.executor, failed, call_);
  }

  // Returns the job and the reason if its inputs have to be given back.
  std::optional<Release> RunJob(const CompactionSpec& job) {
    const Status started = call_.Check(ports_.executor.clock());
    if (!started.ok()) return Release{job.job, started.message()};
    const CompactionPorts ports{
        ports_.store,
        ports_.table,
        ports_.executor,
        ports_.random,
        [this](int64_t rows) { call_.Report("compacting", rows_done_.fetch_add(rows) + rows, rows_total_); },
        pieces_at_a_time_,
        reads_};
    const Result<CompactionOutcome> outcome = RunCompaction(ports, job, call_);
    if (!outcome.ok()) return Stopped(job, outcome.status());
    const Result<CommittedCompaction> committed = CommitCompaction(ports_.committer, job, *outcome, call_);
    if (!committed.ok() && !WasCommitted(job, committed.status())) return Failed(job, committed.status());
    if (committed.ok() && committed->verdict == CommitVerdict::kSuperseded) return Superseded(job, *committed);
    Count(job, *outcome);
    return std::nullopt;
  }

  // A job that stood still may have been ended by others, who did its work and collected its inputs, or whose sweep
  // gave up what it was writing. But if the state has the job still, a file that is missing is lost.
  std::optional<Release> Stopped(const CompactionSpec& job, const Status& failure) {
    const bool is_missing = IsKind(failure, ErrorKind::kNotFound);
    if (!is_missing && !IsKind(failure, ErrorKind::kConflict)) return Failed(job, failure);
    const Result<state::TableStatePtr> state = ports_.log.Refresh(call_);
    if (!state.ok()) return Failed(job, WithContext(state.status(), failure.message()));
    if (!(*state)->exists() || !(*state)->FindJob(job.job)) {
      return Superseded(job, {.verdict = CommitVerdict::kSuperseded, .refusal = failure});
    }
    return Failed(job, is_missing ? WithKind(failure, ErrorKind::kCorrupt) : failure);
  }

  // After a commit of which it is not known what became of it.
  bool WasCommitted(const CompactionSpec& job, const Status& failure) {
    if (!IsKind(failure, ErrorKind::kOutcomeUnknown)) return false;
    const Result<state::TableStatePtr> state = ports_.log.Refresh(call_);
    if (!state.ok()) return false;
    const std::optional<state::JobOutcome> outcome = (*state)->FindOutcome(job.job);
    return outcome && outcome->result == state::JobResult::kFinished;
  }

  void Count(const CompactionSpec& job, const CompactionOutcome& outcome) {
    MutexLock lock(mutex_);
    ++report_.jobs;
    report_.files_in += static_cast<int64_t>(job.inputs.size());
    report_.files_out += static_cast<int64_t>(outcome.outputs.size());
    report_.rows_in += outcome.rows_read();
    report_.rows_out += outcome.rows_written();
    report_.bytes_in += job.bytes();
    report_.bytes_out += outcome.bytes_written();
  }

  std::optional<Release> Superseded(const CompactionSpec& job, const CommittedCompaction& committed) {
    MutexLock lock(mutex_);
    ++report_.jobs_superseded;
    if (!committed.holds_inputs) return std::nullopt;
    ExcludeInputs(job);
    return Release{job.job, committed.refusal.message()};
  }

  std::optional<Release> Failed(const CompactionSpec& job, const Status& failure) {
    MutexLock lock(mutex_);
    ++report_.jobs_failed;
    ExcludeInputs(job);
    if (report_.failure.ok()) report_.failure = WithContext(failure, "compaction " + job.job.value());
    // If the commit's outcome is unknown, the release settles it: it applies only to a job that was not committed.
    return Release{job.job, failure.message()};
  }

  void ExcludeInputs(const CompactionSpec& job) SLEEPER_REQUIRES(mutex_) {
    for (const CompactionInput& input : job.inputs) failed_files_.insert(input.file.id);
  }

  const TablePorts& ports_;
  const CompactTableRequest& request_;
  const CompactionReads reads_;
  const CallContext& call_;

  std::atomic<int64_t> rows_done_ = 0;
  int64_t rows_total_ = 0;
  /// How many pieces each running job may merge at the same time.
  int pieces_at_a_time_ = 1;
  Mutex mutex_;
  /// Written by several jobs at a time; read when none is running.
  CompactTableReport report_;
  std::set<model::FileId> failed_files_;
};

}  // namespace

Result<CompactTableReport> CompactTable(const TablePorts& ports, const CompactTableRequest& request,
                                        const CallContext& call) {
  const CallContext own = call.As("compact");
  return TableCompaction(ports, request, own).Run();
}

}  // namespace sleeper::compact
