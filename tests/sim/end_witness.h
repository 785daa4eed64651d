#pragma once

#include <map>

#include "sleeper/model/ids.h"
#include "tests/sim/simulation.h"
#include "tests/sim/watched_store.h"

namespace sleeper::sim {

/// Watches the entries that end the logs of dropped tables: they have to stay for ever, or a writer that wakes up late
/// finds an empty log. Confined.
class EndWitness final : public ObjectWatcher {
 public:
  /// `simulation` must outlive it.
  explicit EndWitness(Simulation& simulation) : simulation_(simulation) {}

  void Written(const store::ObjectPath& path, const Buffer& bytes) override;
  void Deleted(const store::ObjectPath& path) override;

 private:
  struct TableEnd {
    model::LogNumber newest = 0;
    /// 0 while the log has no end.
    model::LogNumber end = 0;
  };

  Simulation& simulation_;
  std::map<model::TableId, TableEnd> tables_;
};

}  // namespace sleeper::sim
