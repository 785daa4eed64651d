#include "tests/sim/live_objects.h"

#include <optional>
#include <set>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "sleeper/state/layout.h"
#include "sleeper/state/log_entry.h"

namespace sleeper::sim {
namespace {

using model::TableId;
using state::LogLayout;

constexpr std::string_view kRegistry = "registry/";
constexpr std::string_view kTables = "tables/";
constexpr size_t kTableIdDigits = 16;
constexpr int kObjectsMax = 10'000;

std::optional<state::LogEntry> EntryOf(WatchedStore& objects, const store::ObjectPath& path) {
  const Result<store::Object> object = objects.Get(path, {});
  if (!object.ok()) return std::nullopt;
  Result<state::LogEntry> entry = state::DecodeEntry(object->bytes.view(), path.value());
  if (!entry.ok()) return std::nullopt;
  return std::move(entry).ValueUnsafe();
}

/// What one table may have.
struct Needed {
  std::set<std::string> files;
  std::set<std::string> bodies;
};

std::string WrongFile(WatchedStore& objects, const TableId& id, const state::TableState& state, Needed& needed) {
  for (const state::TrackedFile& file : state.Files()) {
    const store::ObjectPath path = state::DataFilePath(id, file.record.id);
    if (file.references == 0) return fmt::format("{} has no reference, and is still known", path.value());
    const Result<store::ObjectInfo> info = objects.Head(path, {});
    if (!info.ok()) return fmt::format("{} is part of the table, and does not exist", path.value());
    if (info->size != file.record.size_bytes) return fmt::format("{} has another size", path.value());
    needed.files.insert(path.value());
  }
  return "";
}

std::string WrongInTable(WatchedStore& objects, const TableId& id, const state::TableState& state,
                         const std::vector<store::ObjectPath>& paths) {
  const LogLayout layout = LogLayout::ForTable(id);
  Needed needed;
  if (std::string wrong = WrongFile(objects, id, state, needed); !wrong.empty()) return wrong;
  for (const store::ObjectPath& path : paths) {
    if (!layout.EntryNumber(path)) continue;
    const std::optional<state::LogEntry> entry = EntryOf(objects, path);
    if (!entry) return fmt::format("{} cannot be read", path.value());
    for (const auto& part : entry->transactions) {
      const auto* body = std::get_if<state::BodyReference>(&part);
      if (body != nullptr) needed.bodies.insert(layout.BodyPath(body->name).value());
    }
  }
  for (const store::ObjectPath& path : paths) {
    if (layout.EntryNumber(path) || layout.SnapshotNumber(path)) continue;
    if (needed.files.contains(path.value()) || needed.bodies.erase(path.value()) > 0) continue;
    return fmt::format("{} is there, and nobody needs it", path.value());
  }
  return needed.bodies.empty() ? "" : fmt::format("{} is part of the log, and does not exist", *needed.bodies.begin());
}

/// Of a table that is none: at most the entry that ended its log.
std::string WrongRest(WatchedStore& objects, const TableId& id, const std::vector<store::ObjectPath>& paths) {
  for (const store::ObjectPath& path : paths) {
    const bool is_entry = LogLayout::ForTable(id).EntryNumber(path).has_value();
    const std::optional<state::LogEntry> entry = is_entry ? EntryOf(objects, path) : std::nullopt;
    if (!entry || !entry->ends_log) return fmt::format("{} is left of a table that is none", path.value());
  }
  return "";
}

}  // namespace

std::string WrongObject(WatchedStore& objects, const std::map<TableId, state::TableStatePtr>& tables) {
  std::map<TableId, std::vector<store::ObjectPath>> paths;
  for (const auto& [id, state] : tables) paths[id];
  for (std::string_view prefix : {kRegistry, kTables}) {
    const Result<store::ListPage> page =
        objects.List(store::ObjectPath(std::string(prefix)), store::ObjectPath(), kObjectsMax, {});
    if (!page.ok() || page->more) return "the objects cannot be listed at once";
    for (const store::ObjectInfo& info : page->objects) {
      if (prefix == kTables) {
        paths[TableId(info.path.value().substr(kTables.size(), kTableIdDigits))].push_back(info.path);
        continue;
      }
      const LogLayout layout = LogLayout::ForRegistry();
      if (!layout.EntryNumber(info.path) && !layout.SnapshotNumber(info.path)) {
        return fmt::format("{} is there, and nobody needs it", info.path.value());
      }
    }
  }
  for (const auto& [id, of_table] : paths) {
    const auto table = tables.find(id);
    std::string wrong =
        table == tables.end() ? WrongRest(objects, id, of_table) : WrongInTable(objects, id, *table->second, of_table);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

}  // namespace sleeper::sim
