#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "sleeper/state/table_state.h"

namespace sleeper::report {

/// A state, whole or in part: of each list at most `items_max` items, and how many there are.
nlohmann::ordered_json StateJson(const state::TableState& state, int64_t items_max);

/// What the state knows of one file: its record and its references.
nlohmann::ordered_json TrackedFileJson(const state::TableState& state, const state::TrackedFile& file);

}  // namespace sleeper::report
