#include "tests/sim/instance_scenario.h"
#include "tests/sim/log_scenario.h"
#include "tests/sim/registry_scenario.h"
#include "tests/sim/seeds.h"
#include "tests/sim/table_scenario.h"

namespace sleeper::sim {

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> scenarios = {SlotsScenario(), LogScenario(), RegistryScenario(), TableScenario(),
                                                  InstanceScenario()};
  return scenarios;
}

}  // namespace sleeper::sim
