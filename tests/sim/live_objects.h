#pragma once

#include <map>
#include <string>

#include "sleeper/model/ids.h"
#include "sleeper/state/table_state.h"
#include "tests/sim/watched_store.h"

namespace sleeper::sim {

/// Compares all objects with what the tables that are there need: entries, snapshots, the bodies that entries name, and
/// the files that states refer to; of every other table the entry that ends its log may be there, and nothing else. The
/// first object that nobody needs, or that is needed and not there, as a sentence; "" if there is none. Looks at the
/// objects by itself, without port calls.
std::string WrongObject(WatchedStore& objects, const std::map<model::TableId, state::TableStatePtr>& tables);

}  // namespace sleeper::sim
