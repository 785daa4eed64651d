#include "tests/sim/seeds.h"

namespace sleeper::sim {

const std::vector<Scenario>& Scenarios() {
  static const std::vector<Scenario> scenarios;
  return scenarios;
}

}  // namespace sleeper::sim
