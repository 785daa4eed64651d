#include "tests/sim/table_witness.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

namespace sleeper::sim {

using model::LogNumber;

TableWitness::TableWitness(Simulation& simulation, state::LogLayout layout, const PretendedFiles& files)
    : LogWitness(simulation, std::move(layout)), files_(files) {}

void TableWitness::Account(const state::Transaction& transaction) {
  simulation_.Count(std::string(state::TransactionName(transaction)));
  if (const auto* add = std::get_if<state::AddFiles>(&transaction)) {
    if (add->job && !jobs_.emplace(add->job->id, newest()).second) {
      simulation_.Fail(fmt::format("entry {}: job {} was committed twice", newest(), add->job->id.value()));
    }
    AccountBirths(add->files);
    for (const state::NewFile& file : add->files) {
      for (const PretendedRow& row : files_.Read(file.record.id, model::KeyInterval::All())) rows_.insert(row.number);
    }
  } else if (const auto* replace = std::get_if<state::ReplaceFiles>(&transaction)) {
    AccountBirths(replace->outputs);
  } else if (std::get_if<state::ClearTable>(&transaction) != nullptr) {
    rows_.clear();
  } else if (const auto* raise = std::get_if<state::RaiseSweepFloor>(&transaction)) {
    floor_ = raise->floor;
  }
}

void TableWitness::AccountBirths(const std::vector<state::NewFile>& files) {
  for (const state::NewFile& file : files) {
    if (file.record.birth < floor_) {
      simulation_.Fail(
          fmt::format("entry {}: file {} was born below the sweep floor {}", newest(), file.record.id.value(), floor_));
    }
    files_added_.emplace(file.record.id, newest());
  }
}

void TableWitness::CheckNewest(const std::string& who, const state::TableState& state) {
  if (files_.ReadAll(state) != std::vector<uint64_t>(rows_.begin(), rows_.end())) {
    simulation_.Fail(fmt::format("{} sees other rows at number {} than were added", who, state.number()));
  }
}

LogNumber TableWitness::EntryOfJob(const model::JobId& job) const {
  const auto found = jobs_.find(job);
  return found == jobs_.end() ? 0 : found->second;
}

LogNumber TableWitness::EntryOfFile(const model::FileId& file) const {
  const auto found = files_added_.find(file);
  return found == files_added_.end() ? 0 : found->second;
}

}  // namespace sleeper::sim
