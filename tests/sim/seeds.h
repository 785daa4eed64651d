#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/simulation.h"

namespace sleeper::sim {

/// A world to simulate: who acts in it, and what must hold during and after.
struct Scenario {
  std::string name;
  std::function<void(Simulation&)> play;
  /// The faults of a seed.
  Personality (*draw)(uint64_t seed) = Personality::Draw;
};

/// Every scenario that there is.
const std::vector<Scenario>& Scenarios();

RunReport RunOnce(const Scenario& scenario, const SimulationOptions& options);

/// Runs the seed twice. That the traces differ is a violation: then something beside the seed had a say.
RunReport RunTwice(const Scenario& scenario, const SimulationOptions& options);

/// Many seeds of one scenario.
struct SeedsReport {
  int64_t seeds = 0;
  int64_t port_calls = 0;
  int64_t steps = 0;
  /// Of the first failed seeds.
  std::vector<RunReport> failed;
  int64_t failed_seeds = 0;
  std::map<std::string, int64_t> counts;

  void Add(RunReport report);
};

/// Whether a seed is played a second time, to see that nothing but the seed decides.
enum class Repeat { kNo, kYes };

/// Runs the seeds first … first + count − 1 on `threads` threads.
SeedsReport RunSeeds(const Scenario& scenario, uint64_t first, int64_t count, int threads, Repeat repeat);

}  // namespace sleeper::sim
