#pragma once

#include <memory>
#include <optional>

#include "sleeper/model/ids.h"
#include "sleeper/state/recent_ids.h"
#include "sleeper/state/table_state.h"

namespace sleeper::state {

/// What a process knows of a log: the state at a number, and the ids of the entries that led there. Immutable.
template <typename Machine>
struct LogView {
  std::shared_ptr<const typename Machine::State> state = Machine::Empty();
  RecentIds ids;
  /// The store's time of the latest entry for which a listing has shown one.
  std::optional<TimeMark> seen;

  model::LogNumber number() const { return ids.last_number(); }
};

}  // namespace sleeper::state
