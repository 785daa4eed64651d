#include "tests/sim/defect_search.h"

namespace sleeper::sim {

DefectSearch SearchDefect(const Flaw& flaw, uint64_t first, int64_t seeds_max) {
  for (int64_t i = 0; i < seeds_max; ++i) {
    const RunReport report = RunOnce(flaw.scenario, {.seed = first + static_cast<uint64_t>(i), .defect = flaw.defect});
    if (!report.ok()) return {.seeds = i + 1, .violation = report.violations.front()};
  }
  return {};
}

}  // namespace sleeper::sim
