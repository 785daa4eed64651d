#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/buffer.h"
#include "sleeper/base/status.h"
#include "sleeper/model/schema.h"
#include "sleeper/state/registry_state.h"
#include "sleeper/state/table_state.h"

// What is stored, as JSON for people and scripts. Keys appear as tuples where a schema is given, otherwise as
// hexadecimal digits. All bytes may be of unknown origin: kCorrupt, or kInvalid for what a newer version wrote.

namespace sleeper::state {

/// An entry of a table's log, with its transactions. Those that stand in bodies are named only.
Result<std::string> ShowTableEntry(std::string_view bytes, const model::Schema* schema);
Result<std::string> ShowRegistryEntry(std::string_view bytes);

/// A transaction in an object of its own.
Result<std::string> ShowTableBody(std::string_view bytes, const model::Schema* schema);

/// A snapshot's position, sections and chunks; not the state in it.
Result<std::string> ShowSnapshot(const Buffer& bytes);

struct ShowStateOptions {
  /// Longer lists are cut off, and say so.
  int64_t elements_max = 10'000;
};

std::string ShowTableState(const TableState& state, const ShowStateOptions& options = {});
std::string ShowRegistryState(const RegistryState& state);

}  // namespace sleeper::state
