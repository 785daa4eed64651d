#include "tests/sim/seeds.h"

#include <utility>

#include <fmt/format.h>

#include "sleeper/base/mutex.h"
#include "sleeper/base/task_group.h"

namespace sleeper::sim {
namespace {

constexpr size_t kFailedReportsKept = 5;

}  // namespace

RunReport RunOnce(const Scenario& scenario, const SimulationOptions& options) {
  const Personality drawn = scenario.draw(options.seed);
  SimulationOptions with_faults = options;
  if (options.personality == nullptr) with_faults.personality = &drawn;
  Simulation simulation(with_faults);
  scenario.play(simulation);
  return simulation.Report(scenario.name);
}

RunReport RunTwice(const Scenario& scenario, const SimulationOptions& options) {
  RunReport first = RunOnce(scenario, options);
  SimulationOptions quiet = options;
  quiet.print = nullptr;
  const RunReport second = RunOnce(scenario, quiet);
  if (first.trace_hash != second.trace_hash || first.steps != second.steps) {
    first.violations.push_back(fmt::format("two runs of the seed differ: traces {:016x} and {:016x}, {} and {} steps",
                                           first.trace_hash, second.trace_hash, first.steps, second.steps));
  }
  return first;
}

void SeedsReport::Add(RunReport report) {
  ++seeds;
  port_calls += report.port_calls;
  steps += report.steps;
  for (const auto& [what, times] : report.counts) counts[what] += times;
  if (report.ok()) return;
  ++failed_seeds;
  if (failed.size() < kFailedReportsKept) failed.push_back(std::move(report));
}

SeedsReport RunSeeds(const Scenario& scenario, uint64_t first, int64_t count, int threads, Repeat repeat) {
  const SystemClock clock;
  ThreadExecutor executor(threads, clock);
  Mutex mutex;
  SeedsReport all;
  const Status status = ParallelFor(executor, count, threads, [&](int64_t i) {
    const SimulationOptions options{.seed = first + static_cast<uint64_t>(i)};
    RunReport report = repeat == Repeat::kYes ? RunTwice(scenario, options) : RunOnce(scenario, options);
    MutexLock lock(mutex);
    all.Add(std::move(report));
    return Status::OK();
  });
  SLEEPER_CHECK(status.ok(), status.ToString());
  return all;
}

}  // namespace sleeper::sim
