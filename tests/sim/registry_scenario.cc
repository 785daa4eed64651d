#include "tests/sim/registry_scenario.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sleeper/state/layout.h"
#include "sleeper/state/registry.h"
#include "sleeper/state/table_log.h"
#include "tests/sim/excuses.h"
#include "tests/sim/pretended_files.h"
#include "tests/sim/registry_witness.h"

namespace sleeper::sim {
namespace {

using model::TableId;
using model::TableName;
using state::RegisteredTable;
using state::Registry;
using state::RegistryStatePtr;
using Names = RegistryWitness::Names;

constexpr int kAdministrators = 3;
constexpr int kRounds = 8;
constexpr uint64_t kSharedNames = 3;

state::LogOptions Options(const std::string& writer) {
  state::LogOptions options;
  options.writer = writer;
  options.entries_kept = 4;
  options.ids_remembered = 12;
  options.catch_up_entries_max = 10;
  return options;
}

/// What all actors share.
struct World {
  explicit World(Simulation& simulation_in) : simulation(simulation_in), witness(simulation_in) {}

  void Unexpected(const Actor& actor, const std::string& what, const Status& status) {
    simulation.Fail(fmt::format("{}: {} failed: {}", actor.name(), what, status.ToString()));
  }

  bool goes_on() const { return administrators_at_work > 0 && !simulation.failed(); }

  Simulation& simulation;
  RegistryWitness witness;
  int administrators_at_work = kAdministrators;
  int names_made = 0;
};

/// One process that uses the registry.
class Administrator {
 public:
  Administrator(Actor& actor, World& world)
      : actor_(actor),
        world_(world),
        registry_(actor.store(), actor.clock(), actor.random(), actor.executor(), Options(actor.name())) {}

  RegistryStatePtr Refresh() {
    const model::LogNumber before = world_.witness.newest();
    const Result<RegistryStatePtr> state = registry_.Refresh(AnyCall());
    if (actor_.killed()) return nullptr;
    if (!state.ok()) {
      if (!IsExcusable(state.status())) world_.Unexpected(actor_, "Refresh", state.status());
      return nullptr;
    }
    if ((*state)->number() < before) world_.simulation.Fail(actor_.name() + " has read an old registry");
    world_.witness.CheckState(actor_.name(), **state);
    return *state;
  }

  void ActAnyhow() {
    switch (actor_.random().Below(8)) {
      case 0:
      case 1:
        return Create(TableName(fmt::format("table-{}", ++world_.names_made)));
      case 2:
        return Create(SharedName());
      case 3:
        return Rename();
      case 4:
        return Drop();
      case 5:
        return SetOnline();
      default:
        return Find();
    }
  }

  /// Tables that have a log and that the registry does not know get a bar.
  void BarOrphans() {
    const Result<store::ListPage> page =
        actor_.store().List(store::ObjectPath("tables/"), store::ObjectPath(), 1'000, AnyCall());
    const RegistryStatePtr state = Refresh();
    if (actor_.killed() || !page.ok() || state == nullptr) return;
    std::set<TableId> ids;
    for (const store::ObjectInfo& info : page->objects) ids.insert(TableId(info.path.value().substr(7, 16)));
    for (const TableId& id : ids) {
      if (state->Find(id) || state->IsGone(id)) continue;
      Expect("BarTable", registry_.BarTable(id, AnyCall()), {ErrorKind::kConflict});
    }
  }

  void Maintain() {
    const state::LogUpkeep always{.snapshot_every = 1, .entries_kept = 4, .truncate_behind = 1};
    Expect("Maintain", registry_.Maintain(always, AnyCall()).status(), {});
  }

  Registry& registry() { return registry_; }

 private:
  CallContext AnyCall() {
    CallContext call{.caller = "simulation"};
    Faults& faults = world_.simulation.faults();
    if (faults.healed() || actor_.random().Below(6) != 0) return call;
    return call.Until(actor_.clock().MonotonicNow() + faults.AnyDuration());
  }

  TableName SharedName() { return TableName(fmt::format("shared-{}", actor_.random().Below(kSharedNames))); }

  /// A table that there is, or was a moment ago.
  std::optional<RegisteredTable> AnyTable() {
    const RegistryStatePtr state = Refresh();
    if (state == nullptr) return std::nullopt;
    const std::vector<RegisteredTable> tables = state->Tables();
    if (tables.empty()) return std::nullopt;
    return tables[actor_.random().Below(tables.size())];
  }

  /// True if the call was done. A failure has to be excusable or one of `others`.
  bool Expect(const std::string& what, const Status& status, const std::vector<ErrorKind>& others) {
    if (actor_.killed() || status.ok()) return !actor_.killed();
    bool expected = IsExcusable(status);
    for (ErrorKind kind : others) expected = expected || IsKind(status, kind);
    if (!expected) world_.Unexpected(actor_, what, status);
    return false;
  }

  /// The registry must have been like that at some time during the call.
  void ExpectHeld(const std::string& what, model::LogNumber before, const std::function<bool(const Names&)>& holds) {
    if (!world_.witness.HeldSince(before, holds)) {
      world_.simulation.Fail(fmt::format("{}: {}, which was not so at any time of the call", actor_.name(), what));
    }
  }

  void Create(const TableName& name) {
    const model::LogNumber before = world_.witness.newest();
    const Result<RegisteredTable> created =
        registry_.CreateTable({.name = name, .definition = PretendedDefinition(), .split_points = {}}, AnyCall());
    if (Expect("CreateTable", created.status(), {ErrorKind::kConflict})) {
      world_.simulation.Count("tables created");
      ExpectHeld(fmt::format("table {} was created", name.value()), before, [&](const Names& names) {
        const auto found = names.find(name);
        return found != names.end() && found->second == created->id;
      });
    } else if (!actor_.killed() && IsDenial(created.status()) && name.value().starts_with("table-")) {
      // Only this call has ever made a table of this name.
      if (world_.witness.HeldSince(before, [&](const Names& names) { return names.contains(name); })) {
        world_.simulation.Fail(fmt::format("{}: the creation of {} was denied, and it was created: {}", actor_.name(),
                                           name.value(), created.status().ToString()));
      }
    }
  }

  void Rename() {
    const std::optional<RegisteredTable> table = AnyTable();
    if (!table) return;
    const TableName to =
        actor_.random().Below(2) == 0 ? SharedName() : TableName(fmt::format("renamed-{}", ++world_.names_made));
    const model::LogNumber before = world_.witness.newest();
    const Status status = registry_.RenameTable(table->name, to, AnyCall());
    if (!Expect("RenameTable", status, {ErrorKind::kConflict, ErrorKind::kNotFound})) return;
    ExpectHeld("a table was renamed to " + to.value(), before, [&](const Names& names) { return names.contains(to); });
  }

  void Drop() {
    const std::optional<RegisteredTable> table = AnyTable();
    if (!table) return;
    const model::LogNumber before = world_.witness.newest();
    const Status status = registry_.DropTable(table->name, AnyCall());
    if (!Expect("DropTable", status, {ErrorKind::kConflict, ErrorKind::kNotFound})) return;
    ExpectHeld("table " + table->name.value() + " was dropped", before,
               [&](const Names& names) { return !names.contains(table->name); });
  }

  void SetOnline() {
    const std::optional<RegisteredTable> table = AnyTable();
    if (!table) return;
    Expect("SetOnline", registry_.SetOnline(table->name, actor_.random().Below(2) == 0, AnyCall()),
           {ErrorKind::kNotFound});
  }

  void Find() {
    const TableName name = SharedName();
    const model::LogNumber before = world_.witness.newest();
    const Result<RegisteredTable> found = registry_.FindTable(name, AnyCall());
    if (actor_.killed()) return;
    if (found.ok()) {
      return ExpectHeld("found table " + name.value(), before, [&](const Names& names) {
        const auto entry = names.find(name);
        return entry != names.end() && entry->second == found->id;
      });
    }
    Expect("FindTable", found.status(), {ErrorKind::kNotFound});
    if (IsKind(found.status(), ErrorKind::kNotFound) && !world_.witness.WasMissingSince(before, name)) {
      world_.simulation.Fail(fmt::format("{}: found no table {}, and there was one all the time of the call",
                                         actor_.name(), name.value()));
    }
  }

  Actor& actor_;
  World& world_;
  Registry registry_;
};

void Administer(Actor& actor, World& world) {
  Administrator administrator(actor, world);
  for (int round = 0; round < kRounds && !actor.killed() && !world.simulation.failed(); ++round) {
    administrator.ActAnyhow();
    actor.Rest();
  }
  if (!actor.killed()) --world.administrators_at_work;
}

template <typename Action>
void Repeat(Actor& actor, World& world, const Action& action) {
  Administrator administrator(actor, world);
  while (world.goes_on() && !actor.killed()) {
    actor.Rest();
    action(administrator);
  }
}

/// Drops that stopped half-way are finished; then every table that is listed is there, and the registry works.
void Audit(Actor& actor, World& world) {
  Administrator administrator(actor, world);
  const RegistryStatePtr state = administrator.Refresh();
  if (state == nullptr) return world.simulation.Fail("the registry cannot be read although all is well");
  for (const RegisteredTable& table : state->Tables()) {
    state::TableLog log(actor.store(), actor.clock(), actor.random(), actor.executor(),
                        state::LogLayout::ForTable(table.id), Options("auditor"));
    const Result<state::TableStatePtr> read = log.Refresh({});
    if (!read.ok()) return world.Unexpected(actor, "Refresh of " + table.name.value(), read.status());
    const bool is_being_dropped = state->IsBeingDropped(table.id);
    if ((*read)->exists() && !is_being_dropped) continue;
    if (is_being_dropped && (*read)->exists()) world.simulation.Count("drops finished that were only decided");
    if (!(*read)->exists() && !(*read)->dropped())
      return world.simulation.Fail("table " + table.name.value() + " is listed and has no log");
    world.simulation.Count("drops finished");
    const Status finished = administrator.registry().FinishDrop(table.id, {});
    if (!finished.ok()) return world.Unexpected(actor, "FinishDrop", finished);
    if (world.witness.names().contains(table.name)) world.simulation.Fail("a table is listed after its drop");
  }
  const Result<RegisteredTable> created = administrator.registry().CreateTable(
      {.name = TableName("last"), .definition = PretendedDefinition(), .split_points = {}}, {});
  if (!created.ok()) return world.Unexpected(actor, "CreateTable", created.status());
  administrator.Maintain();
  administrator.Maintain();
  Administrator fresh(actor, world);
  fresh.Refresh();
}

void Play(Simulation& simulation) {
  World world(simulation);
  for (int i = 0; i < kAdministrators; ++i) {
    simulation.AddActor(fmt::format("administrator-{}", i), [&world](Actor& actor) { Administer(actor, world); });
  }
  simulation.AddActor("sweeper", [&world](Actor& actor) {
    Repeat(actor, world, [](Administrator& administrator) { administrator.BarOrphans(); });
  });
  simulation.AddActor("maintainer", [&world](Actor& actor) {
    Repeat(actor, world, [](Administrator& administrator) { administrator.Maintain(); });
  });
  simulation.AddActor("reader", [&world](Actor& actor) {
    Repeat(actor, world, [](Administrator& administrator) { administrator.Refresh(); });
  });
  simulation.Run();
  simulation.RunHealed("auditor", [&world](Actor& actor) { Audit(actor, world); });
}

}  // namespace

Scenario RegistryScenario() { return {"registry", Play}; }

}  // namespace sleeper::sim
