#include "tests/sim/table_witness.h"

#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "sleeper/state/table_machine.h"

namespace sleeper::sim {

using model::LogNumber;
using state::LogEntry;
using state::TableMachine;

TableWitness::TableWitness(Simulation& simulation, state::LogLayout layout, const PretendedFiles& files)
    : simulation_(simulation), layout_(std::move(layout)), files_(files) {
  simulation.objects().Watch(*this);
}

void TableWitness::Written(const store::ObjectPath& path, const Buffer& bytes) {
  if (const auto number = layout_.EntryNumber(path)) return WrittenEntry(*number, bytes);
  if (const auto number = layout_.SnapshotNumber(path)) {
    snapshots_.insert(*number);
    simulation_.Count("snapshots");
    if (*number > newest()) simulation_.Fail(fmt::format("a snapshot of number {}, which does not exist yet", *number));
  }
}

void TableWitness::WrittenEntry(LogNumber number, const Buffer& bytes) {
  const Result<LogEntry> entry = state::DecodeEntry(bytes.view(), "entry");
  if (!entry.ok()) return simulation_.Fail("an entry that cannot be read was written: " + entry.status().ToString());
  slots_[number] = entry->id;
  if (number != newest() + 1) {
    if (number <= newest() && history_[number - 1].id == entry->id) {
      simulation_.Count("entries that appeared again");
    } else {
      simulation_.Count("strays");
    }
    if (number > newest() + 1) simulation_.Fail(fmt::format("entry {} was written after entry {}", number, newest()));
    return;
  }
  const model::EntryId previous = history_.empty() ? model::EntryId() : history_.back().id;
  if (entry->previous != previous) {
    return simulation_.Fail(fmt::format("entry {} names {} as the one before it, and not {}", number,
                                        entry->previous.value(), previous.value()));
  }
  history_.push_back({entry->id, entry->digest});
  Replay(*entry);
}

void TableWitness::Replay(const LogEntry& entry) {
  if (entry.mark) replayed_ = TableMachine::WithMark(replayed_, *entry.mark, entry.number);
  for (const auto& part : entry.transactions) {
    std::string bytes;
    if (const auto* body = std::get_if<state::BodyReference>(&part)) {
      simulation_.Count("bodies");
      const Result<store::Object> object = simulation_.objects().Get(layout_.BodyPath(body->name), {});
      if (!object.ok()) {
        return simulation_.Fail(
            fmt::format("entry {} was written before its body {}", entry.number, body->name.value()));
      }
      const Result<std::string_view> inside = state::DecodeBody(object->bytes.view(), *body, "body");
      if (!inside.ok()) return simulation_.Fail("a body that cannot be read: " + inside.status().ToString());
      bytes = *inside;
    } else {
      bytes = std::get<std::string>(part);
    }
    const Result<state::Transaction> transaction = TableMachine::Decode(bytes);
    if (!transaction.ok())
      return simulation_.Fail("a broken transaction was logged: " + transaction.status().ToString());
    state::TableTransition transition = TableMachine::Apply(replayed_, *transaction, entry.number);
    if (!transition.outcome.applied()) {
      return simulation_.Fail(fmt::format("entry {}: {} was logged and does not fit: {}", entry.number,
                                          state::TransactionName(*transaction), transition.outcome.refusal.ToString()));
    }
    replayed_ = std::move(transition.state);
    simulation_.Count(std::string(state::TransactionName(*transaction)));
    Account(*transaction);
  }
  if (replayed_->digest() != entry.digest) {
    simulation_.Fail(fmt::format("entry {}: its writer had another state", entry.number));
  }
}

void TableWitness::Account(const state::Transaction& transaction) {
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

void TableWitness::Deleted(const store::ObjectPath& path) {
  if (const auto number = layout_.SnapshotNumber(path)) snapshots_.erase(*number);
  const auto number = layout_.EntryNumber(path);
  if (!number) return;
  const model::EntryId id = slots_[*number];
  slots_.erase(*number);
  if (*number > newest() || history_[*number - 1].id != id) return;
  simulation_.Count("entries truncated");
  if (*number == newest()) simulation_.Fail(fmt::format("entry {}, the newest, was deleted", *number));
  if (snapshots_.empty() || *snapshots_.rbegin() < *number) {
    simulation_.Fail(fmt::format("entry {} was deleted, and no snapshot holds what it did", *number));
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

void TableWitness::CheckState(const std::string& who, const state::TableState& state) {
  if (state.number() > newest()) {
    return simulation_.Fail(fmt::format("{} has a state of number {}, which does not exist", who, state.number()));
  }
  const MapDigest expected =
      state.number() == 0 ? state::TableState::Empty()->digest() : history_[state.number() - 1].digest;
  if (state.digest() != expected) {
    return simulation_.Fail(fmt::format("{} has a state of number {} that never was", who, state.number()));
  }
  if (state.number() == newest() && files_.ReadAll(state) != Rows()) {
    simulation_.Fail(fmt::format("{} sees other rows at number {} than were added", who, state.number()));
  }
}

std::vector<uint64_t> TableWitness::Rows() const { return {rows_.begin(), rows_.end()}; }

}  // namespace sleeper::sim
