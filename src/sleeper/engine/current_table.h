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

/// As it is now. kNotFound if the table was dropped.
Result<CurrentTable> Current(TableParts& parts, const CallContext& call);

}  // namespace sleeper::engine
