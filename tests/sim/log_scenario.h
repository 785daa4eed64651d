#pragma once

#include "tests/sim/seeds.h"

namespace sleeper::sim {

/// Everybody who writes to, reads and tidies one table's log at once: writers that repeat their jobs until they are
/// told that they are done, a compactor whose jobs others release, a splitter, a truncator, readers. The data files are
/// pretended, so that a seed costs little.
Scenario LogScenario();

/// The same with few rows and nothing but appends and truncations, in a world in which many writes come late.
Scenario SlotsScenario();

}  // namespace sleeper::sim
