#include "sleeper/engine/current_table.h"

#include <utility>

namespace sleeper::engine {

Result<state::TableStatePtr> CurrentState(TableParts& parts, const CallContext& call) {
  TRY_ASSIGN(state::TableStatePtr state, parts.log.Refresh(call));
  if (!state->exists()) {
    return Error(ErrorKind::kNotFound, "table ", parts.registered.name, " does not exist, or was dropped");
  }
  return state;
}

Result<CurrentTable> Current(TableParts& parts, const CallContext& call) {
  TRY_ASSIGN(state::TableStatePtr state, CurrentState(parts, call));
  TRY_ASSIGN(const state::RegistryStatePtr registry, parts.ports.registry.Refresh(call));
  TRY_ASSIGN(auto properties, model::Properties::Make(state->definition().properties, registry->properties()));
  return CurrentTable{std::move(state), std::move(properties)};
}

}  // namespace sleeper::engine
