#include "tests/sim/log_witness.h"

#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "sleeper/state/registry_machine.h"
#include "sleeper/state/table_machine.h"

namespace sleeper::sim {

using model::LogNumber;
using state::LogEntry;

template <typename Machine>
LogWitness<Machine>::LogWitness(Simulation& simulation, state::LogLayout layout)
    : simulation_(simulation), layout_(std::move(layout)) {
  simulation.objects().Watch(*this);
}

template <typename Machine>
void LogWitness<Machine>::Written(const store::ObjectPath& path, const Buffer& bytes) {
  if (const auto number = layout_.EntryNumber(path)) return WrittenEntry(*number, bytes);
  if (const auto number = layout_.SnapshotNumber(path)) return WrittenSnapshot(*number);
}

template <typename Machine>
void LogWitness<Machine>::WrittenSnapshot(LogNumber number) {
  snapshots_.insert(number);
  simulation_.Count("snapshots");
  if (number > newest()) simulation_.Fail(fmt::format("a snapshot of number {}, which does not exist yet", number));
}

template <typename Machine>
void LogWitness<Machine>::WrittenEntry(LogNumber number, const Buffer& bytes) {
  const Result<LogEntry> entry = state::DecodeEntry(bytes.view(), "entry");
  if (!entry.ok()) return simulation_.Fail("an entry that cannot be read was written: " + entry.status().ToString());
  slots_[number] = entry->id;
  if (number > newest() + 1) {
    return simulation_.Fail(fmt::format("entry {} was written after entry {}", number, newest()));
  }
  if (number <= newest()) {
    const bool again = history_[number - 1].id == entry->id;
    return simulation_.Count(again ? "entries that appeared again" : "strays");
  }
  const model::EntryId previous = history_.empty() ? model::EntryId() : history_.back().id;
  if (entry->previous != previous) {
    return simulation_.Fail(fmt::format("entry {} names {} as the one before it, and not {}", number,
                                        entry->previous.value(), previous.value()));
  }
  history_.push_back({entry->id, entry->digest});
  Replay(*entry);
}

template <typename Machine>
void LogWitness<Machine>::Replay(const LogEntry& entry) {
  if (entry.mark) replayed_ = Machine::WithMark(replayed_, *entry.mark, entry.number);
  for (const auto& part : entry.transactions) {
    const auto* body = std::get_if<state::BodyReference>(&part);
    ReplayTransaction(entry.number, body != nullptr ? ReadBody(entry.number, *body) : std::get<std::string>(part));
    if (simulation_.failed()) return;
  }
  if (replayed_->digest() != entry.digest) {
    return simulation_.Fail(fmt::format("entry {}: its writer had another state", entry.number));
  }
  if (Machine::HasEnded(*replayed_) != entry.ends_log) {
    return simulation_.Fail(fmt::format("entry {} says wrongly whether it ends the log", entry.number));
  }
  EntryEnded();
}

template <typename Machine>
std::string LogWitness<Machine>::ReadBody(LogNumber number, const state::BodyReference& body) {
  simulation_.Count("bodies");
  const Result<store::Object> object = simulation_.objects().Get(layout_.BodyPath(body.name), {});
  if (!object.ok()) {
    simulation_.Fail(fmt::format("entry {} was written before its body {}", number, body.name.value()));
    return "";
  }
  const Result<std::string_view> inside = state::DecodeBody(object->bytes.view(), body, "body");
  if (!inside.ok()) {
    simulation_.Fail("a body that cannot be read: " + inside.status().ToString());
    return "";
  }
  return std::string(*inside);
}

template <typename Machine>
void LogWitness<Machine>::ReplayTransaction(LogNumber number, const std::string& bytes) {
  if (simulation_.failed()) return;
  const Result<Transaction> transaction = Machine::Decode(bytes);
  if (!transaction.ok()) {
    return simulation_.Fail("a broken transaction was logged: " + transaction.status().ToString());
  }
  auto transition = Machine::Apply(replayed_, *transaction, number);
  if (!transition.outcome.applied()) {
    return simulation_.Fail(fmt::format("entry {}: a transaction was logged and does not fit: {}", number,
                                        transition.outcome.refusal.ToString()));
  }
  replayed_ = std::move(transition.state);
  Account(*transaction);
}

template <typename Machine>
void LogWitness<Machine>::Deleted(const store::ObjectPath& path) {
  if (const auto snapshot = layout_.SnapshotNumber(path)) {
    snapshots_.erase(*snapshot);
    return;
  }
  const auto number = layout_.EntryNumber(path);
  if (!number) return OtherDeleted(path);
  const model::EntryId id = slots_[*number];
  slots_.erase(*number);
  if (*number > newest() || history_[*number - 1].id != id || MayVanish()) return;
  simulation_.Count("entries truncated");
  if (*number == newest()) simulation_.Fail(fmt::format("entry {}, the newest, was deleted", *number));
  // The end of a log answers for all that was before it.
  if (Machine::HasEnded(*replayed_)) return;
  if (snapshots_.empty() || *snapshots_.rbegin() < *number) {
    simulation_.Fail(fmt::format("entry {} was deleted, and no snapshot holds what it did", *number));
  }
}

template <typename Machine>
void LogWitness<Machine>::CheckState(const std::string& who, const State& state) {
  if (state.number() > newest()) {
    return simulation_.Fail(fmt::format("{} has a state of number {}, which does not exist", who, state.number()));
  }
  const MapDigest expected = state.number() == 0 ? Machine::Empty()->digest() : history_[state.number() - 1].digest;
  if (state.digest() != expected) {
    return simulation_.Fail(fmt::format("{} has a state of number {} that never was", who, state.number()));
  }
  if (state.number() == newest()) CheckNewest(who, state);
}

template class LogWitness<state::TableMachine>;
template class LogWitness<state::RegistryMachine>;

}  // namespace sleeper::sim
