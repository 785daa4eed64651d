#include "sleeper/collect/sweep_gone_tables.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sleeper/collect/delete_objects.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/slot_log.h"
#include "sleeper/state/store_time.h"
#include "sleeper/store/probe_store.h"

namespace sleeper::collect {
namespace {

constexpr int kPageKeys = 1'000;
/// Unfinished writes outside of tables that are this old are nobody's.
constexpr Duration kWriteAgeMax = std::chrono::days(7);
/// No probe takes so long.
constexpr Duration kProbeAgeMin = std::chrono::days(1);
constexpr std::string_view kTables = "tables/";
constexpr size_t kTableIdDigits = 16;

/// A table that is none, as the walk through the store found it.
struct GoneTable {
  model::TableId id;
  /// False if the registry does not know it yet.
  bool is_gone = false;
  int64_t objects = 0;
  WallTime last_modified;
  store::ObjectPath first;

  /// True if nothing is left but the entry that ends a log. What a creation leaves behind is an entry 1.
  bool IsSwept() const {
    return is_gone && objects == 1 && state::LogLayout::ForTable(id).EntryNumber(first).value_or(0) > 1;
  }
};

/// The table whose object it is; nothing if the name is none of ours.
std::optional<model::TableId> TableOf(const store::ObjectPath& path) {
  const std::string& text = path.value();
  if (text.size() <= kTables.size() + kTableIdDigits || text[kTables.size() + kTableIdDigits] != '/') {
    return std::nullopt;
  }
  model::TableId id(text.substr(kTables.size(), kTableIdDigits));
  if (!state::IsTableId(id)) return std::nullopt;
  return id;
}

/// Behind all objects of the table, before those of the next one.
store::ObjectPath Behind(const model::TableId& table) {
  return store::ObjectPath(state::TablePrefix(table).value() + "~");
}

/// Finds the tables that are not registered, passing over the objects of those that are.
Result<std::vector<GoneTable>> FindGoneTables(store::ObjectStore& store, const state::RegistryState& registry,
                                              const CallContext& call) {
  std::vector<GoneTable> found;
  store::ObjectPath after;
  for (bool more = true; more;) {
    TRY_ASSIGN(const store::ListPage page, store.List(store::ObjectPath(std::string(kTables)), after, kPageKeys, call));
    more = page.more && !page.objects.empty();
    for (const store::ObjectInfo& info : page.objects) {
      after = info.path;
      const std::optional<model::TableId> id = TableOf(info.path);
      if (!id) continue;
      if (registry.Find(*id)) {
        after = Behind(*id);
        more = page.more || page.objects.back().path > after;
        break;
      }
      if (found.empty() || found.back().id != *id) {
        found.push_back({.id = *id, .is_gone = registry.IsGone(*id), .last_modified = {}, .first = info.path});
      }
      ++found.back().objects;
      found.back().last_modified = std::max(found.back().last_modified, info.last_modified);
    }
  }
  return found;
}

/// Deletes what there is of one table, but for the entry that ends its log. Confined.
class GoneTableSweep {
 public:
  GoneTableSweep(const InstancePorts& ports, const model::TableId& table, const CallContext& call)
      : ports_(ports), table_(table), call_(call) {}

  Result<SweepReport> Run() {
    TRY_ASSIGN(const std::optional<store::ObjectPath> last, LastEntry());
    store::ObjectPath after;
    for (bool more = true; more && report_.failure.ok();) {
      TRY(call_.Check(ports_.executor.clock()));
      TRY_ASSIGN(const store::ListPage page, ports_.store.List(state::TablePrefix(table_), after, kPageKeys, call_));
      more = page.more && !page.objects.empty();
      if (!page.objects.empty()) after = page.objects.back().path;
      Delete(page.objects, last);
    }
    // Nobody writes for it any more whose work could count.
    if (report_.orphans > 0) {
      const Status dropped = ports_.store.DropAbandonedWrites(state::TablePrefix(table_), Duration::zero(), call_);
      if (report_.failure.ok()) report_.failure = dropped;
    }
    return std::move(report_);
  }

 private:
  /// The object of the entry that ends the table's log; nothing if the table never was one.
  Result<std::optional<store::ObjectPath>> LastEntry() {
    state::SlotLog slots(ports_.store, ports_.executor, state::LogLayout::ForTable(table_));
    TRY_ASSIGN(const std::optional<state::Slot> newest, slots.Newest(call_));
    if (!newest) return std::optional<store::ObjectPath>();
    TRY_ASSIGN(const std::optional<state::LogEntry> entry, slots.Read(newest->number, call_));
    if (!entry || !entry->ends_log) return std::optional<store::ObjectPath>();
    return std::optional(slots.layout().EntryPath(newest->number));
  }

  void Delete(const std::vector<store::ObjectInfo>& objects, const std::optional<store::ObjectPath>& last) {
    std::vector<DoomedObject> doomed;
    for (const store::ObjectInfo& info : objects) {
      if (info.path != last) doomed.push_back({info.path, info.size});
    }
    const Deletion deletion = DeleteObjects(ports_.store, ports_.executor, doomed, call_);
    report_.orphans += deletion.objects;
    report_.bytes += deletion.bytes;
    report_.failed += deletion.failed();
    report_.failure = deletion.failure;
    call_.Report("sweeping", report_.orphans, 0);
  }

  const InstancePorts& ports_;
  const model::TableId& table_;
  const CallContext& call_;
  SweepReport report_;
};

/// One run of the operation. Confined.
class InstanceSweep {
 public:
  InstanceSweep(const InstancePorts& ports, Duration age, const CallContext& call)
      : ports_(ports), age_(age), call_(call) {}

  Result<SweepReport> Run() {
    TRY(ports_.registry.Refresh(call_).status());
    TRY(FinishDrops());
    const state::RegistryStatePtr registry = ports_.registry.current();
    TRY_ASSIGN(const std::vector<GoneTable> tables, FindGoneTables(ports_.store, *registry, call_));
    for (const GoneTable& table : tables) {
      if (table.IsSwept()) continue;
      TRY(call_.Check(ports_.executor.clock()));
      Note(WithContext(Sweep(table), "table " + table.id.value()));
    }
    Note(SweepProbes());
    Note(ports_.store.DropAbandonedWrites(store::ObjectPath(), std::max(age_, kWriteAgeMax), call_));
    return std::move(report_);
  }

 private:
  void Note(const Status& failure) {
    if (report_.failure.ok()) report_.failure = failure;
  }

  /// Of tables that are offline nobody else would.
  Status FinishDrops() {
    for (const model::TableId& id : ports_.registry.current()->TablesBeingDropped()) {
      TRY(call_.Check(ports_.executor.clock()));
      Note(ports_.registry.FinishDrop(id, call_));
    }
    return Status::OK();
  }

  Status Sweep(const GoneTable& table) {
    if (!table.is_gone) {
      TRY_ASSIGN(const bool is_barred, Bar(table));
      if (!is_barred) return Status::OK();
    }
    TRY_ASSIGN(const SweepReport swept, GoneTableSweep(ports_, table.id, call_).Run());
    report_ += swept;
    return Status::OK();
  }

  /// False if somebody may still be creating it.
  Result<bool> Bar(const GoneTable& table) {
    TRY_ASSIGN(const WallTime now, Now());
    if (now - table.last_modified < age_) {
      report_.waiting += table.objects;
      return false;
    }
    const Status barred = ports_.registry.BarTable(table.id, call_);
    if (IsKind(barred, ErrorKind::kConflict)) return false;
    TRY(barred);
    return true;
  }

  /// What probes left behind that were killed.
  Status SweepProbes() {
    const store::ObjectPath prefix{std::string(store::kProbePrefix)};
    TRY_ASSIGN(const store::ListPage page, ports_.store.List(prefix, store::ObjectPath(), kPageKeys, call_));
    if (page.objects.empty()) return Status::OK();
    TRY_ASSIGN(const WallTime now, Now());
    std::vector<DoomedObject> doomed;
    for (const store::ObjectInfo& info : page.objects) {
      const bool is_old = now - info.last_modified >= std::max<Duration>(age_, kProbeAgeMin);
      if (is_old) doomed.push_back({info.path, info.size});
      if (!is_old) ++report_.waiting;
    }
    const Deletion deletion = DeleteObjects(ports_.store, ports_.executor, doomed, call_);
    report_.orphans += deletion.objects;
    report_.bytes += deletion.bytes;
    report_.failed += deletion.failed();
    return deletion.failure;
  }

  /// By the store's clock; asked once.
  Result<WallTime> Now() {
    if (!is_asked_) {
      const std::string path = std::string(store::kProbePrefix) + ports_.random.Hex(kTableIdDigits) + "/time";
      TRY_ASSIGN(now_, state::AskStoreTime(ports_.store, store::ObjectPath(path), call_));
      is_asked_ = true;
    }
    return now_;
  }

  const InstancePorts& ports_;
  const Duration age_;
  const CallContext& call_;
  bool is_asked_ = false;
  WallTime now_;
  SweepReport report_;
};

}  // namespace

Result<SweepReport> SweepGoneTables(const InstancePorts& ports, Duration age, const CallContext& call) {
  const CallContext own = call.As("sweep");
  return InstanceSweep(ports, age, own).Run();
}

}  // namespace sleeper::collect
