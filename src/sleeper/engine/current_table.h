#pragma once

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/table_parts.h"
#include "sleeper/model/properties.h"
#include "sleeper/state/table_state.h"

namespace sleeper::engine {

/// The state of a table with the properties in force.
struct CurrentTable {
  state::TableStatePtr state;
  model::Properties properties;
};

/// The state alone, for those who ask for no property. kNotFound if the table was dropped.
Result<state::TableStatePtr> CurrentState(TableParts& parts, const CallContext& call);

/// As it is now. kNotFound if the table was dropped.
Result<CurrentTable> Current(TableParts& parts, const CallContext& call);

}  // namespace sleeper::engine
