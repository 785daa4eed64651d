#pragma once

#include "tests/sim/seeds.h"

namespace sleeper::sim {

/// Tables are created, renamed, dropped and created again while they are written to, compacted, split, read, collected
/// and swept, each with the real operations on real data files.
Scenario InstanceScenario();

}  // namespace sleeper::sim
