#include "tests/sim/log_scenario.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sleeper/base/task_group.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/table_log.h"
#include "tests/sim/excuses.h"
#include "tests/sim/log_work.h"
#include "tests/sim/table_invariants.h"

namespace sleeper::sim {
namespace {

using model::FileId;
using state::CommitOutcome;
using state::TableCommitter;
using state::TableLog;
using state::TableStatePtr;

constexpr int kRoundsMax = 12;
constexpr size_t kInputsMax = 5;

/// A process's access to the log.
struct LogAccess {
  LogAccess(Actor& actor, LogWork& work)
      : log(actor.store(), actor.clock(), actor.random(), actor.executor(), work.layout(), work.Options(actor.name())),
        committer(log) {}

  TableLog log;
  TableCommitter committer;
};

/// The state now, checked against the true history. Nothing if it cannot be had, or the process was killed.
TableStatePtr RefreshChecked(Actor& actor, LogWork& work, TableLog& log) {
  const model::LogNumber before = work.witness().newest();
  const Result<TableStatePtr> state = log.Refresh(work.AnyCall(actor));
  if (actor.killed()) return nullptr;
  if (!state.ok()) {
    if (!IsExcusable(state.status())) work.Unexpected(actor.name(), "Refresh", state.status());
    return nullptr;
  }
  work.simulation().Count("refreshes");
  if ((*state)->number() < before) {
    work.simulation().Fail(fmt::format("{} has read number {}, but {} was committed before it began", actor.name(),
                                       (*state)->number(), before));
  }
  work.witness().CheckState(actor.name(), **state);
  return *state;
}

// --- Writers

/// One attempt to bring the rows of some jobs, in one call.
void Deliver(Actor& actor, LogWork& work, LogAccess& access, std::span<WriterJob> jobs) {
  const TableStatePtr state = RefreshChecked(actor, work, access.log);
  if (state == nullptr) return;
  std::vector<FileId> files;
  std::vector<state::Transaction> transactions;
  for (const WriterJob& job : jobs) {
    const FileId file = files.emplace_back(state::MakeFileId(state->number(), actor.random()));
    const bool by_leaf = actor.random().Below(2) == 0;
    transactions.push_back(
        state::AddFiles{.job = state::CompletedJob{.id = job.id, .spec_hash = job.spec_hash},
                        .shape_hash = work.shape_hash(),
                        .files = {by_leaf ? work.files().WriteByLeaf(file, job.rows, *state)
                                          : work.files().WriteInto(file, job.rows, model::KeyInterval::All())}});
    work.Attempted(file);
  }
  const Result<CommitOutcome> outcome = access.committer.Commit(std::move(transactions), work.AnyCall(actor));
  if (actor.killed()) return;
  if (!outcome.ok()) {
    if (!IsExcusable(outcome.status())) return work.Unexpected(actor.name(), "AddFiles", outcome.status());
    // Of several transactions, a part may have been committed before the failure.
    if (IsDenial(outcome.status()) && jobs.size() == 1) return work.Denied(files.front());
    return work.simulation().Count("outcomes unknown");
  }
  work.witness().CheckState(actor.name(), *outcome->state);
  for (size_t i = 0; i < jobs.size(); ++i) {
    const state::TransactionOutcome& answer = outcome->outcomes[i];
    if (answer.applied()) {
      work.Acknowledged(jobs[i], files[i], outcome->number);
    } else if (!answer.refused()) {
      work.FoundDone(jobs[i], files[i], outcome->number);
    } else {
      // The floor may have passed the file.
      if (!IsKind(answer.refusal, ErrorKind::kConflict)) work.Unexpected(actor.name(), "AddFiles", answer.refusal);
      work.Denied(files[i]);
    }
  }
}

/// Brings its share of the jobs, several at a time, until it is told of each that it is done; some once more.
void Write(Actor& actor, LogWork& work, int writer) {
  LogAccess access(actor, work);
  if (!work.DefineTable(actor, access.committer)) return;
  std::vector<WriterJob>& jobs = work.jobs(writer);
  const size_t at_once = actor.random().Below(2) == 0 ? 1 : 2 + actor.random().Below(2);
  TaskGroup group(actor.executor());
  for (size_t first = 0; first < jobs.size(); first += at_once) {
    group.RunStage([&, first] {
      const std::span<WriterJob> mine = std::span(jobs).subspan(first, std::min(at_once, jobs.size() - first));
      const auto done = [&] {
        return std::all_of(mine.begin(), mine.end(), [](auto& job) { return job.acknowledged; });
      };
      while (!done() && !actor.killed() && !work.simulation().failed()) {
        actor.Rest();
        Deliver(actor, work, access, mine);
      }
      if (actor.random().Below(6) == 0) Deliver(actor, work, access, mine);
      return Status::OK();
    });
  }
  const Status joined = group.Join();
  if (!joined.ok()) work.Unexpected(actor.name(), "Join", joined);
}

// --- Compactors

/// Some references of one partition that no job has; one of each file, because a job reads a file once.
std::vector<model::FileReference> FreeReferences(Actor& actor, const state::TableState& state) {
  const std::vector<model::Partition> leaves = state.partitions().All();
  const model::Partition& leaf = leaves[actor.random().Below(leaves.size())];
  std::vector<model::FileReference> free;
  for (const model::FileReference& reference : state.ReferencesIn(leaf.interval)) {
    const bool known = std::any_of(free.begin(), free.end(),
                                   [&](const model::FileReference& other) { return other.file == reference.file; });
    if (!reference.job && !known && free.size() < kInputsMax) free.push_back(reference);
  }
  return free;
}

void CommitAnything(Actor& actor, LogWork& work, LogAccess& access, state::Transaction transaction) {
  const std::string name(state::TransactionName(transaction));
  const Result<CommitOutcome> outcome = access.committer.Commit(std::move(transaction), work.AnyCall(actor));
  if (actor.killed()) return;
  if (outcome.ok()) return work.witness().CheckState(actor.name(), *outcome->state);
  const Status& status = outcome.status();
  if (!IsExcusable(status) && !IsKind(status, ErrorKind::kConflict)) work.Unexpected(actor.name(), name, status);
}

/// What the inputs of a job cover, from the first to the last.
model::KeyInterval HullOf(const state::UnfinishedJob& job) {
  model::KeyInterval hull = job.inputs.front().interval;
  for (const state::ReferenceName& input : job.inputs) {
    hull.lower = std::min(hull.lower, input.interval.lower);
    if (!input.interval.upper || (hull.upper && *hull.upper < *input.interval.upper)) hull.upper = input.interval.upper;
  }
  return hull;
}

/// Merges what `job` was given into one or two files, which share no key.
state::ReplaceFiles Merge(Actor& actor, LogWork& work, const state::UnfinishedJob& job,
                          const state::TableState& state) {
  state::ReplaceFiles replace{.job = job.id, .shape_hash = work.shape_hash()};
  std::vector<PretendedRow> rows;
  for (const state::ReferenceName& input : job.inputs) {
    const std::vector<PretendedRow> read = work.files().Read(input.file, input.interval);
    replace.consumed.push_back({input.file, static_cast<int64_t>(read.size()), HashOf(read)});
    rows.insert(rows.end(), read.begin(), read.end());
  }
  const model::NormalisedKey cut = work.AnyKey(actor);
  const auto bound = std::partition(rows.begin(), rows.end(), [&](const PretendedRow& row) { return row.key < cut; });
  const auto write = [&](std::vector<PretendedRow> part) {
    if (part.empty()) return;
    const FileId file = state::MakeFileId(state.number(), actor.random());
    replace.outputs.push_back(work.files().WriteInto(file, std::move(part), HullOf(job)));
  };
  write({rows.begin(), bound});
  write({bound, rows.end()});
  return replace;
}

/// Takes references for a job and replaces them, unless it forgets to, or somebody releases the job meanwhile.
void Compact(Actor& actor, LogWork& work) {
  LogAccess access(actor, work);
  if (!work.DefineTable(actor, access.committer)) return;
  for (int round = 0; round < kRoundsMax && work.goes_on() && !actor.killed(); ++round) {
    actor.Rest();
    const TableStatePtr state = RefreshChecked(actor, work, access.log);
    if (state == nullptr) continue;
    const std::vector<state::UnfinishedJob> unfinished = state->Jobs();
    if (!unfinished.empty() && actor.random().Below(3) == 0) {
      const state::UnfinishedJob& other = unfinished[actor.random().Below(unfinished.size())];
      CommitAnything(actor, work, access, state::ReleaseJobs{.jobs = {{.id = other.id}}});
      continue;
    }
    state::UnfinishedJob job{.id = model::JobId(actor.random().Hex(8)),
                             .spec_hash = state::SpecHash("merge"),
                             .shape_hash = work.shape_hash(),
                             .earliest_birth = state->number()};
    for (const model::FileReference& reference : FreeReferences(actor, *state)) {
      job.inputs.push_back({reference.file, reference.interval});
    }
    if (job.inputs.empty()) continue;
    const Result<CommitOutcome> assigned =
        access.committer.Commit(state::AssignJobs{.jobs = {job}}, work.AnyCall(actor));
    if (actor.killed()) return;
    if (!assigned.ok()) {
      if (!IsExcusable(assigned.status()) && !IsKind(assigned.status(), ErrorKind::kConflict)) {
        work.Unexpected(actor.name(), "AssignJobs", assigned.status());
      }
      continue;
    }
    if (actor.random().Below(5) == 0) continue;
    actor.Rest();
    const state::ReplaceFiles replace = Merge(actor, work, job, *assigned->state);
    CommitAnything(actor, work, access, replace);
    // A late repetition.
    if (actor.random().Below(4) == 0) CommitAnything(actor, work, access, replace);
  }
}

// --- Whoever else changes the table

std::optional<state::Transaction> AnyChange(Actor& actor, const LogWork& work, const state::TableState& state) {
  const std::vector<model::Partition> leaves = state.partitions().All();
  const size_t at = actor.random().Below(leaves.size());
  switch (actor.random().Below(10)) {
    case 0:
    case 1:
    case 2: {
      const model::NormalisedKey key = work.AnyKey(actor);
      const model::Partition leaf = state.partitions().Find(key);
      if (leaf.interval.lower == key) return std::nullopt;
      return state::SplitPartitions{.splits = {{leaf.id, {key}}}};
    }
    case 3:
    case 4:
      if (at + 1 >= leaves.size()) return std::nullopt;
      return state::MergePartitions{.groups = {{leaves[at].id, leaves[at + 1].id}}};
    case 5: {
      const model::LogNumber floor = state.number() - std::min<model::LogNumber>(state.number(), 5);
      return state::RaiseSweepFloor{.floor = floor};
    }
    case 6: {
      state::ForgetFiles forget;
      for (const state::TrackedFile& file : state.UnreferencedFiles(state.number(), 10)) {
        forget.files.push_back({file.record.id, file.record.bounds.min});
      }
      if (forget.files.empty()) return std::nullopt;
      return forget;
    }
    case 7:
      return state::RecordJobs{.outcomes = {{.id = model::JobId("export-" + actor.random().Hex(8)),
                                             .kind = state::JobKind::kExport,
                                             .spec_hash = state::SpecHash("export")}}};
    case 8:
      if (actor.random().Below(8) != 0) return std::nullopt;
      return state::ClearTable{.decided_on = state.number()};
    default:
      return std::nullopt;
  }
}

void Change(Actor& actor, LogWork& work) {
  LogAccess access(actor, work);
  if (!work.DefineTable(actor, access.committer)) return;
  for (int round = 0; round < kRoundsMax && work.goes_on() && !actor.killed(); ++round) {
    actor.Rest();
    const TableStatePtr state = RefreshChecked(actor, work, access.log);
    if (state == nullptr) continue;
    if (std::optional<state::Transaction> change = AnyChange(actor, work, *state)) {
      CommitAnything(actor, work, access, std::move(*change));
    }
  }
}

// --- Truncators and readers

void Truncate(Actor& actor, LogWork& work) {
  LogAccess access(actor, work);
  for (int round = 0; round < kRoundsMax && work.goes_on() && !actor.killed(); ++round) {
    actor.Rest();
    const Result<state::SnapshotOutcome> snapshot = access.log.WriteSnapshot(work.AnyCall(actor));
    if (actor.killed()) return;
    if (!snapshot.ok() && !IsExcusable(snapshot.status())) {
      return work.Unexpected(actor.name(), "WriteSnapshot", snapshot.status());
    }
    if (actor.random().Below(3) == 0) continue;
    const Result<state::TruncateOutcome> truncated = access.log.Truncate(work.AnyCall(actor));
    if (actor.killed()) return;
    if (!truncated.ok() && !IsExcusable(truncated.status())) {
      return work.Unexpected(actor.name(), "Truncate", truncated.status());
    }
  }
}

void Read(Actor& actor, LogWork& work) {
  auto access = std::make_unique<LogAccess>(actor, work);
  for (int round = 0; round < kRoundsMax && work.goes_on() && !actor.killed(); ++round) {
    actor.Rest();
    // Sometimes from the beginning.
    if (actor.random().Below(3) == 0) access = std::make_unique<LogAccess>(actor, work);
    RefreshChecked(actor, work, access->log);
  }
}

// --- Afterwards

/// Two snapshots and a truncation later, the log holds its latest entries and nothing else.
void CheckTidiness(Actor& actor, LogWork& work, LogAccess& access) {
  Simulation& simulation = work.simulation();
  for (int i = 0; i < 2; ++i) {
    const Status status = access.committer
                              .Commit(state::RecordJobs{.outcomes = {{.id = model::JobId(fmt::format("audit-{}", i)),
                                                                      .kind = state::JobKind::kExport,
                                                                      .spec_hash = state::SpecHash("audit")}}},
                                      {})
                              .status();
    if (!status.ok()) return work.Unexpected(actor.name(), "RecordJobs", status);
    const Status written = access.log.WriteSnapshot({}).status();
    if (!written.ok()) return work.Unexpected(actor.name(), "WriteSnapshot", written);
  }
  const Status truncated = access.log.Truncate({}).status();
  if (!truncated.ok()) return work.Unexpected(actor.name(), "Truncate", truncated);
  const Result<store::ListPage> page =
      simulation.objects().List(work.layout().LogPrefix(), store::ObjectPath(), 1'000, {});
  model::LogNumber expected = work.witness().newest();
  for (const store::ObjectInfo& info : page->objects) {
    if (work.layout().EntryNumber(info.path) != expected) {
      return simulation.Fail(
          fmt::format("{} is left in the log, where entry {} should be", info.path.value(), expected));
    }
    --expected;
  }
  const auto left = static_cast<int64_t>(page->objects.size());
  // Those since the older snapshot stay, however few may.
  const int64_t kept = std::max<int64_t>(work.Options("").entries_kept, 2);
  if (left != std::min(kept, static_cast<int64_t>(work.witness().newest()))) {
    simulation.Fail(fmt::format("{} entries are left after the truncation", left));
  }
}

void Audit(Actor& actor, LogWork& work) {
  LogAccess first(actor, work);
  const TableStatePtr state = RefreshChecked(actor, work, first.log);
  if (state == nullptr) return work.simulation().Fail("the log cannot be read although all is well");
  if (const std::string broken = BrokenInvariant(*state); !broken.empty()) work.simulation().Fail(broken);
  work.CheckBook();
  CheckTidiness(actor, work, first);
  LogAccess second(actor, work);
  if (RefreshChecked(actor, work, second.log) == nullptr) work.simulation().Fail("the truncated log cannot be read");
}

void Play(Simulation& simulation, const LogCast& cast) {
  LogWork work(simulation, cast);
  for (int writer = 0; writer < cast.writers; ++writer) {
    simulation.AddActor(fmt::format("writer-{}", writer),
                        [&work, writer](Actor& actor) { Write(actor, work, writer); });
  }
  const auto add = [&](const char* name, int count, void (*act)(Actor&, LogWork&)) {
    for (int i = 0; i < count; ++i) {
      simulation.AddActor(fmt::format("{}-{}", name, i), [&work, act](Actor& actor) { act(actor, work); });
    }
  };
  add("compactor", cast.compactors, Compact);
  add("truncator", cast.truncators, Truncate);
  add("reader", cast.readers, Read);
  add("changer", cast.changers, Change);
  simulation.Run();
  simulation.RunHealed("auditor", [&work](Actor& actor) { Audit(actor, work); });
}

/// Much of what makes entries appear where slots were truncated away.
Personality DrawDelays(uint64_t seed) {
  Personality drawn = Personality::Draw(seed);
  drawn.budget = std::max<int64_t>(drawn.budget, 100);
  drawn.slowness_max = 128;
  // What only costs time must not use the budget up.
  for (Fault fault : {Fault::kUnavailable, Fault::kThrottled, Fault::kBodyCut, Fault::kShortPage}) {
    double& rate = drawn.rates[static_cast<size_t>(fault)];
    rate = std::min(rate, 0.003);
  }
  for (const auto& [fault, least] : {std::pair(Fault::kLate, 0.25), std::pair(Fault::kEcho, 0.15),
                                     std::pair(Fault::kStall, 0.03), std::pair(Fault::kPause, 0.03)}) {
    double& rate = drawn.rates[static_cast<size_t>(fault)];
    rate = std::max(rate, least);
  }
  return drawn;
}

}  // namespace

Scenario LogScenario() {
  return {"log", [](Simulation& simulation) { Play(simulation, LogCast()); }};
}

Scenario SlotsScenario() {
  const LogCast cast{.writers = 3,
                     .jobs_per_writer = 4,
                     .rows_per_job_max = 1,
                     .compactors = 0,
                     .truncators = 3,
                     .readers = 3,
                     .changers = 0};
  return {"slots", [cast](Simulation& simulation) { Play(simulation, cast); }, DrawDelays};
}

}  // namespace sleeper::sim
