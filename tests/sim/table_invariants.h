#pragma once

#include <string>

#include "sleeper/state/table_state.h"

namespace sleeper::sim {

/// What must hold of every state of a table, whatever led to it: the leaves tile the key space; each reference lies in
/// one leaf and its file is tracked; references of one file do not overlap; what is on a job is on one that is known;
/// files know how many references they have. The first thing that does not hold, or "".
std::string BrokenInvariant(const state::TableState& state);

}  // namespace sleeper::sim
