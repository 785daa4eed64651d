#include "tests/sim/log_work.h"

#include <utility>

#include <fmt/format.h>

namespace sleeper::sim {
namespace {

constexpr int64_t kEntryBytesMax[] = {8 << 20, 1'200, 400};
constexpr int64_t kGroupTransactionsMax[] = {4'096, 2, 1};
constexpr int64_t kEntriesKept[] = {1, 2, 4};
constexpr int64_t kIdsRemembered[] = {3, 6, 12};

std::string KeyOf(uint64_t number) { return fmt::format("{:03}", number); }

}  // namespace

LogWork::LogWork(Simulation& simulation, const LogCast& cast)
    : simulation_(simulation),
      layout_(state::LogLayout::ForTable(model::TableId("0123456789abcdef"))),
      definition_(PretendedDefinition()),
      shape_hash_(definition_.ShapeHash()),
      entry_bytes_max_(kEntryBytesMax[simulation.scheduler().Choose(3)]),
      group_transactions_max_(kGroupTransactionsMax[simulation.scheduler().Choose(3)]),
      entries_kept_(kEntriesKept[simulation.scheduler().Choose(3)]),
      ids_remembered_(kIdsRemembered[simulation.scheduler().Choose(3)]),
      witness_(simulation, layout_, files_) {
  uint64_t rows = 0;
  for (int writer = 0; writer < cast.writers; ++writer) {
    std::vector<WriterJob>& jobs = jobs_.emplace_back();
    for (int i = 0; i < cast.jobs_per_writer; ++i) {
      WriterJob& job = jobs.emplace_back();
      job.id = model::JobId(fmt::format("w{}-job{}", writer, i));
      job.spec_hash = state::SpecHash(fmt::format("spec of {}", job.id.value()));
      const uint64_t count = 1 + simulation.scheduler().Choose(cast.rows_per_job_max);
      for (uint64_t row = 0; row < count; ++row) {
        job.rows.push_back({KeyOf(simulation.scheduler().Choose(1000)), ++rows});
      }
      ++jobs_open_;
    }
  }
}

state::LogOptions LogWork::Options(const std::string& writer) const {
  state::LogOptions options;
  options.writer = writer;
  options.entries_kept = entries_kept_;
  options.ids_remembered = ids_remembered_;
  options.catch_up_entries_max = 10;
  options.reads_max = 4;
  options.entry_bytes_max = entry_bytes_max_;
  options.group_transactions_max = group_transactions_max_;
  return options;
}

bool LogWork::DefineTable(Actor& actor, state::TableCommitter& committer) {
  while (!actor.killed() && !simulation_.failed()) {
    const auto defined = committer.Commit(state::DefineTable{.definition = definition_, .split_points = {}}, {});
    if (actor.killed()) return false;
    if (defined.ok()) return true;
    if (IsKind(defined.status(), ErrorKind::kConflict) || IsKind(defined.status(), ErrorKind::kInvalid)) {
      Unexpected(actor.name(), "DefineTable", defined.status());
      return false;
    }
    actor.Rest();
  }
  return false;
}

CallContext LogWork::AnyCall(Actor& actor) const {
  CallContext call{.caller = "simulation"};
  Faults& faults = simulation_.faults();
  if (faults.healed() || simulation_.scheduler().Choose(5) != 0) return call;
  return call.Until(actor.clock().MonotonicNow() + faults.AnyDuration());
}

void LogWork::Attempted(const model::FileId& file) { attempts_.emplace(file, Fate::kUnknown); }

void LogWork::Acknowledged(WriterJob& job, const model::FileId& file, model::LogNumber number) {
  attempts_[file] = Fate::kAcknowledged;
  const model::LogNumber entry = witness_.EntryOfFile(file);
  // A call of several transactions may have needed several entries, of which it names the last.
  if (entry == 0 || entry > number) {
    simulation_.Fail(fmt::format("job {} was acknowledged at entry {}, and its file came with entry {}", job.id.value(),
                                 number, entry));
  }
  simulation_.Count("jobs acknowledged");
  Settle(job);
}

void LogWork::FoundDone(WriterJob& job, const model::FileId& file, model::LogNumber number) {
  attempts_[file] = Fate::kDenied;
  const model::LogNumber entry = witness_.EntryOfJob(job.id);
  if (entry == 0 || entry > number) {
    simulation_.Fail(
        fmt::format("job {} is said to be done at number {}, and came with entry {}", job.id.value(), number, entry));
  }
  simulation_.Count("jobs found done");
  Settle(job);
}

void LogWork::Settle(WriterJob& job) {
  if (!std::exchange(job.acknowledged, true)) --jobs_open_;
}

void LogWork::Denied(const model::FileId& file) {
  attempts_[file] = Fate::kDenied;
  simulation_.Count("commits denied");
}

void LogWork::Unexpected(const std::string& who, const std::string& what, const Status& status) {
  simulation_.Fail(fmt::format("{}: {} failed: {}", who, what, status.ToString()));
}

void LogWork::CheckBook() {
  for (const auto& jobs : jobs_) {
    for (const WriterJob& job : jobs) {
      if (witness_.EntryOfJob(job.id) == 0) simulation_.Fail(fmt::format("job {} is not in the log", job.id.value()));
    }
  }
  for (const auto& [file, fate] : attempts_) {
    const model::LogNumber entry = witness_.EntryOfFile(file);
    if (fate == Fate::kDenied && entry != 0) {
      simulation_.Fail(fmt::format("file {} was denied, and is part of entry {}", file.value(), entry));
    }
    if (fate == Fate::kAcknowledged && entry == 0) {
      simulation_.Fail(fmt::format("file {} was acknowledged, and is not in the log", file.value()));
    }
  }
}

model::NormalisedKey LogWork::AnyKey(Actor& actor) const { return KeyOf(1 + actor.random().Below(999)); }

}  // namespace sleeper::sim
