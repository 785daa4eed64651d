#include "tests/sim/ingest_witness.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <variant>

#include <fmt/format.h>

namespace sleeper::sim {

model::LogNumber IngestWitness::EntryOfJob(const model::JobId& job) const {
  const auto found = entries_.find(job);
  return found == entries_.end() ? 0 : found->second;
}

std::vector<NumberRow> IngestWitness::Rows(size_t jobs, int64_t from, int64_t to) const {
  std::vector<NumberRow> rows;
  for (size_t i = 0; i < jobs; ++i) {
    for (const NumberRow& row : rows_of_jobs_.at(jobs_[i])) {
      if (from <= row.key && row.key < to) rows.push_back(row);
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

void IngestWitness::Account(const state::Transaction& transaction) {
  simulation_.Count(std::string(state::TransactionName(transaction)));
  if (const auto* add = std::get_if<state::AddFiles>(&transaction)) {
    if (!add->job) return simulation_.Fail("rows were added that belong to no job");
    if (!entries_.emplace(add->job->id, newest()).second) {
      simulation_.Fail("job " + add->job->id.value() + " was committed twice");
    }
    jobs_.push_back(add->job->id);
    CheckFiles(add->files);
  } else if (const auto* replace = std::get_if<state::ReplaceFiles>(&transaction)) {
    CheckFiles(replace->outputs);
  }
}

void IngestWitness::OtherDeleted(const store::ObjectPath& path) {
  const std::optional<model::FileId> file = state::FileOfPath(table_, path);
  if (!file || ended() || MayVanish()) return;
  simulation_.Count("data files deleted");
  const std::optional<state::TrackedFile> tracked = newest_state().FindFile(*file);
  if (!tracked) return;
  if (tracked->references > 0) {
    return simulation_.Fail("file " + file->value() + " was deleted, and is part of the table");
  }
  if (simulation_.scheduler().now() - times_[tracked->unreferenced_since - 1] < collect_delay_) {
    simulation_.Fail("file " + file->value() + " was deleted sooner than the delay of collections");
  }
}

void IngestWitness::CheckNewest(const std::string& who, const state::TableState& state) {
  if (ended()) return;
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();
  const auto rows = static_cast<int64_t>(Rows(jobs_.size(), kLeast, kGreatest).size());
  if (state.totals().rows_exact() && state.totals().rows != rows) {
    simulation_.Fail(
        fmt::format("{} counts {} rows at number {}, where {} are", who, state.totals().rows, state.number(), rows));
  }
}

void IngestWitness::CheckFiles(const std::vector<state::NewFile>& files) {
  for (const state::NewFile& file : files) {
    const auto info = simulation_.objects().Head(state::DataFilePath(table_, file.record.id), {});
    if (!info.ok()) {
      simulation_.Fail("file " + file.record.id.value() + " is part of the table and does not exist");
    } else if (info->size != file.record.size_bytes) {
      simulation_.Fail("file " + file.record.id.value() + " has another size than its record");
    }
  }
}

}  // namespace sleeper::sim
