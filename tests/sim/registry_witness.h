#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sleeper/model/ids.h"
#include "sleeper/state/registry_machine.h"
#include "tests/sim/log_witness.h"

namespace sleeper::sim {

/// The witness of the registry's log. It keeps an account of its own of who was called what, and when. Confined.
class RegistryWitness final : public LogWitness<state::RegistryMachine> {
 public:
  using Names = std::map<model::TableName, model::TableId>;

  /// `simulation` must outlive it.
  explicit RegistryWitness(Simulation& simulation);

  /// The tables at the newest entry.
  const Names& names() const { return names_.back(); }

  /// True if the table was dropped or barred.
  bool IsGone(const model::TableId& id) const { return gone_.contains(id); }

  /// True if `holds` was true of the names at `first`, or at any entry since.
  bool HeldSince(model::LogNumber first, const std::function<bool(const Names&)>& holds) const;

  /// True if at `first`, or at any entry since, no table of the name was to be found: none had it, or its drop was
  /// decided.
  bool WasMissingSince(model::LogNumber first, const model::TableName& name) const;

 protected:
  void Account(const state::RegistryTransaction& transaction) override;
  void EntryEnded() override;
  void CheckNewest(const std::string& who, const state::RegistryState& state) override;

 private:
  void Register(const model::TableId& id, const model::TableName& name);
  void Rename(const model::TableId& id, const model::TableName& from, const model::TableName& to);
  void BeginDrop(const model::TableId& id, const model::TableName& name);
  void Unregister(const model::TableId& id);
  void Bar(const model::TableId& id);

  /// The last entry of a table's own log, if it can be read.
  std::optional<state::LogEntry> NewestEntryOf(const model::TableId& id) const;

  Names now_;
  /// names_[n] is what was true after entry n.
  std::vector<Names> names_{Names()};
  /// The same without the tables whose drop was decided by then.
  std::vector<Names> found_{Names()};
  std::set<model::TableId> gone_;
  /// The tables whose drop was decided.
  std::set<model::TableId> doomed_;
};

}  // namespace sleeper::sim
