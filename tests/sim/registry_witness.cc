#include "tests/sim/registry_witness.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace sleeper::sim {

using model::TableId;
using model::TableName;

RegistryWitness::RegistryWitness(Simulation& simulation) : LogWitness(simulation, state::LogLayout::ForRegistry()) {}

bool RegistryWitness::HeldSince(model::LogNumber first, const std::function<bool(const Names&)>& holds) const {
  return std::any_of(names_.begin() + static_cast<std::ptrdiff_t>(first), names_.end(), holds);
}

bool RegistryWitness::WasMissingSince(model::LogNumber first, const TableName& name) const {
  return std::any_of(found_.begin() + static_cast<std::ptrdiff_t>(first), found_.end(),
                     [&](const Names& names) { return !names.contains(name); });
}

void RegistryWitness::Account(const state::RegistryTransaction& transaction) {
  if (const auto* add = std::get_if<state::RegisterTable>(&transaction)) return Register(add->id, add->name);
  if (const auto* rename = std::get_if<state::RenameTableFrom>(&transaction)) {
    return Rename(rename->id, rename->from, rename->to);
  }
  if (std::holds_alternative<state::RenameTable>(transaction)) {
    return simulation_.Fail("a table was renamed whatever it was called");
  }
  if (const auto* begin = std::get_if<state::BeginTableDrop>(&transaction)) return BeginDrop(begin->id, begin->name);
  if (const auto* remove = std::get_if<state::UnregisterTable>(&transaction)) return Unregister(remove->id);
  if (const auto* bar = std::get_if<state::BarTable>(&transaction)) return Bar(bar->id);
}

void RegistryWitness::EntryEnded() {
  names_.push_back(now_);
  found_.push_back(now_);
  std::erase_if(found_.back(), [&](const auto& entry) { return doomed_.contains(entry.second); });
}

void RegistryWitness::Register(const TableId& id, const TableName& name) {
  simulation_.Count("tables registered");
  if (!now_.emplace(name, id).second) simulation_.Fail("two tables are called " + name.value());
  if (gone_.contains(id)) simulation_.Fail("table " + id.value() + " was dropped or barred, and is registered");
  if (!NewestEntryOf(id)) simulation_.Fail("table " + id.value() + " is registered before its own log has begun");
}

void RegistryWitness::Rename(const TableId& id, const TableName& from, const TableName& to) {
  simulation_.Count("tables renamed");
  if (doomed_.contains(id)) simulation_.Fail("table " + id.value() + " is renamed after its drop was decided");
  const auto found = now_.find(from);
  if (found == now_.end() || found->second != id) {
    simulation_.Fail("table " + id.value() + " is renamed and was not called " + from.value());
  }
  std::erase_if(now_, [&](const auto& entry) { return entry.second == id; });
  if (!now_.emplace(to, id).second) simulation_.Fail("two tables are called " + to.value());
}

void RegistryWitness::BeginDrop(const TableId& id, const TableName& name) {
  const auto found = now_.find(name);
  if (found == now_.end() || found->second != id) {
    simulation_.Fail("the drop of table " + id.value() + " is decided and it is not called " + name.value());
  }
  const std::optional<state::LogEntry> last = NewestEntryOf(id);
  if (last && last->ends_log) simulation_.Fail("the log of table " + id.value() + " has ended before that was decided");
  if (!doomed_.insert(id).second) simulation_.Fail("the drop of table " + id.value() + " is decided twice");
}

void RegistryWitness::Unregister(const TableId& id) {
  simulation_.Count("tables dropped");
  if (std::erase_if(now_, [&](const auto& entry) { return entry.second == id; }) != 1) {
    simulation_.Fail("table " + id.value() + " is dropped and was not there");
  }
  gone_.insert(id);
  if (!doomed_.contains(id)) simulation_.Fail("table " + id.value() + " is taken off the list, and nobody dropped it");
  const std::optional<state::LogEntry> last = NewestEntryOf(id);
  if (!last || !last->ends_log)
    simulation_.Fail("table " + id.value() + " is taken off the list before its log has ended");
}

void RegistryWitness::Bar(const TableId& id) {
  simulation_.Count("tables barred");
  if (std::any_of(now_.begin(), now_.end(), [&](const auto& entry) { return entry.second == id; })) {
    simulation_.Fail("table " + id.value() + " is registered, and was barred");
  }
  gone_.insert(id);
}

void RegistryWitness::CheckNewest(const std::string& who, const state::RegistryState& state) {
  Names seen;
  for (const state::RegisteredTable& table : state.Tables()) seen.emplace(table.name, table.id);
  if (seen != now_) simulation_.Fail(fmt::format("{} sees other tables at number {}", who, state.number()));
}

std::optional<state::LogEntry> RegistryWitness::NewestEntryOf(const TableId& id) const {
  const store::ObjectPath prefix = state::LogLayout::ForTable(id).LogPrefix();
  const Result<store::ListPage> page = simulation_.objects().List(prefix, store::ObjectPath(), 1, {});
  if (!page.ok() || page->objects.empty()) return std::nullopt;
  const Result<store::Object> object = simulation_.objects().Get(page->objects.front().path, {});
  if (!object.ok()) return std::nullopt;
  Result<state::LogEntry> entry = state::DecodeEntry(object->bytes.view(), "entry");
  if (!entry.ok()) return std::nullopt;
  return std::move(entry).ValueUnsafe();
}

}  // namespace sleeper::sim
