#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sleeper/base/persistent_map.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/log_entry.h"
#include "tests/sim/simulation.h"

namespace sleeper::sim {

/// Knows the true history of a log, because it sees each object appear and vanish: an entry that appears in the slot
/// after the newest one is history from that moment on; one that appears anywhere else is a stray. It replays every
/// entry from the first, and checks at once what no process may ever do to a log. Confined.
///
/// `Machine` is state::TableMachine or state::RegistryMachine.
template <typename Machine>
class LogWitness : public ObjectWatcher {
 public:
  using State = typename Machine::State;
  using Transaction = typename Machine::Transaction;

  /// `simulation` must outlive it. Watches from now on.
  LogWitness(Simulation& simulation, state::LogLayout layout);

  void Written(const store::ObjectPath& path, const Buffer& bytes) final;
  void Deleted(const store::ObjectPath& path) final;

  /// The number of the newest entry.
  model::LogNumber newest() const { return history_.size(); }

  /// Fails the run unless `state` is the one that the history led to at its number.
  void CheckState(const std::string& who, const State& state);

 protected:
  /// A transaction of the entry that has become the newest. The place for accounts that do not ask the product.
  virtual void Account(const Transaction& transaction) = 0;

  /// After all transactions of an entry.
  virtual void EntryEnded() {}

  /// An object was deleted that is neither an entry nor a snapshot of this log.
  virtual void OtherDeleted(const store::ObjectPath&) {}

  /// The state at the newest entry.
  const State& newest_state() const { return *replayed_; }

  /// True if the log is that of a table that never came to be, and never will: nobody needs anything of it.
  virtual bool MayVanish() const { return false; }

  /// What an account says of a state; called only for the newest one.
  virtual void CheckNewest(const std::string& who, const State& state) = 0;

  Simulation& simulation_;
  const state::LogLayout layout_;

 private:
  struct Entry {
    model::EntryId id;
    /// That its writer claims, and that the replay from the beginning has.
    MapDigest digest;
  };

  void WrittenEntry(model::LogNumber number, const Buffer& bytes);
  void WrittenSnapshot(model::LogNumber number);
  void Replay(const state::LogEntry& entry);
  void ReplayTransaction(model::LogNumber number, const std::string& bytes);
  std::string ReadBody(model::LogNumber number, const state::BodyReference& body);

  /// history_[n - 1] is entry n.
  std::vector<Entry> history_;
  /// What the slots hold now.
  std::map<model::LogNumber, model::EntryId> slots_;
  std::set<model::LogNumber> snapshots_;
  /// The state at the newest entry, made of every entry from the first.
  std::shared_ptr<const State> replayed_ = Machine::Empty();
};

}  // namespace sleeper::sim
