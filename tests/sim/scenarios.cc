#include "tests/sim/log_scenario.h"
#include "tests/sim/seeds.h"

namespace sleeper::sim {

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> scenarios = {LogScenario()};
  return scenarios;
}

}  // namespace sleeper::sim
