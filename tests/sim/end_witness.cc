#include "tests/sim/end_witness.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sleeper/state/layout.h"
#include "sleeper/state/log_entry.h"

namespace sleeper::sim {
namespace {

constexpr std::string_view kTables = "tables/";
constexpr size_t kTableIdDigits = 16;

using Slot = std::pair<model::TableId, model::LogNumber>;

/// The table and the number of an entry of a table's log.
std::optional<Slot> SlotOf(const store::ObjectPath& path) {
  if (!path.value().starts_with(kTables)) return std::nullopt;
  const model::TableId table(path.value().substr(kTables.size(), kTableIdDigits));
  const std::optional<model::LogNumber> number = state::LogLayout::ForTable(table).EntryNumber(path);
  return number ? std::optional(Slot(table, *number)) : std::nullopt;
}

}  // namespace

void EndWitness::Written(const store::ObjectPath& path, const Buffer& bytes) {
  const std::optional<Slot> slot = SlotOf(path);
  if (!slot) return;
  const auto& [id, number] = *slot;
  TableEnd& table = tables_[id];
  // An entry in a slot that was truncated away is a stray, and goes.
  if (number <= table.newest) return;
  if (table.end != 0) return simulation_.Fail("the log of table " + id.value() + " goes on after its end");
  table.newest = number;
  const Result<state::LogEntry> entry = state::DecodeEntry(bytes.view(), path.value());
  if (entry.ok() && entry->ends_log) {
    table.end = number;
    simulation_.Count("tables ended");
  }
}

void EndWitness::Deleted(const store::ObjectPath& path) {
  const std::optional<Slot> slot = SlotOf(path);
  if (!slot) return;
  const auto table = tables_.find(slot->first);
  if (table == tables_.end() || table->second.end != slot->second) return;
  simulation_.Fail("the entry that ended the log of table " + slot->first.value() + " was deleted");
}

}  // namespace sleeper::sim
