#pragma once

#include "tests/sim/seeds.h"

namespace sleeper::sim {

/// Administrators who create, rename and drop tables that the others create, rename and drop as well; a sweeper who
/// bars tables that seem to be nobody's; somebody who tidies the registry's log; readers.
Scenario RegistryScenario();

}  // namespace sleeper::sim
