#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/random.h"
#include "sleeper/store/memory_store.h"
#include "tests/sim/defect.h"
#include "tests/sim/faults.h"
#include "tests/sim/scheduler.h"
#include "tests/sim/sim_clock.h"
#include "tests/sim/sim_executor.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/trace.h"
#include "tests/sim/watched_store.h"

namespace sleeper::sim {

class Simulation;

/// A simulated process and its ports: what product code is given in place of threads, clocks, random numbers and a
/// store. After its death each of them still answers, with failures and without effect, until the process has unwound.
/// Confined.
class Actor {
 public:
  Actor(Simulation& simulation, Process& process, Mortality mortality);

  /// Whoever acts on an answer asks this first: what a dead process found out, nobody heard.
  bool killed() const { return process_.killed(); }
  const std::string& name() const { return process_.name(); }

  const SimClock& clock() const { return clock_; }
  Random& random() { return random_; }
  SimExecutor& executor() { return executor_; }
  store::ObjectStore& store() { return *store_; }
  Simulation& simulation() { return simulation_; }
  Process& process() { return process_; }

  /// Lets some time pass, at random.
  void Rest();

  /// The process dies at that port call, also an immortal one.
  void SetCrashPoint(CrashPoint point) { sim_store_.SetCrashPoint(point); }
  /// How many port calls it has made.
  int64_t calls() const { return sim_store_.calls(); }

 private:
  Simulation& simulation_;
  Process& process_;
  SimClock clock_;
  SeededRandom random_;
  SimExecutor executor_;
  SimStore sim_store_;
  std::unique_ptr<store::ObjectStore> defective_store_;
  store::ObjectStore* store_ = &sim_store_;
};

/// What became of one run of one seed.
struct RunReport {
  std::string scenario;
  uint64_t seed = 0;
  /// What was violated; empty if nothing was.
  std::vector<std::string> violations;
  uint64_t trace_hash = 0;
  int64_t steps = 0;
  int64_t port_calls = 0;
  Duration virtual_time{};
  std::string personality;
  std::vector<std::string> latest_lines;
  /// How often things happened that a run is there for: "commits", "fault: late", …
  std::map<std::string, int64_t> counts;

  bool ok() const { return violations.empty(); }
};

std::ostream& operator<<(std::ostream& out, const RunReport& report);

struct SimulationOptions {
  uint64_t seed = 0;
  /// The seed draws one, if there is none here.
  const Personality* personality = nullptr;
  /// What is wrong with the actors' stores.
  Defect defect = Defect::kNone;
  /// Prints every port call there.
  std::ostream* print = nullptr;
  /// A run that takes more steps does not come to its end: a violation.
  int64_t steps_max = 200'000;
};

/// One world for one seed: its actors, its objects, its faults. A scenario adds actors, runs, and looks at what is
/// left. Confined.
class Simulation {
 public:
  explicit Simulation(const SimulationOptions& options);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// A process that runs `body`. If a fault kills it, the same body begins again as a new process, after some time.
  void AddActor(const std::string& name, std::function<void(Actor&)> body, Mortality mortality = Mortality::kMortal);

  /// Runs all actors to their end. A deadlock, or too many steps, is a violation.
  void Run();

  /// Then heals the world and runs `body`, which may use the product to look at what is left.
  void RunHealed(const std::string& name, std::function<void(Actor&)> body);

  /// Notes a violation. The first one ends the run: every process dies.
  void Fail(std::string violation);
  bool failed() const { return !violations_.empty(); }

  /// Counts something that shows that the run was worth it.
  void Count(const std::string& what, int64_t times = 1) { counts_[what] += times; }

  /// A line of the trace that is no port call.
  void Note(const std::string& who, std::string what);

  Scheduler& scheduler() { return scheduler_; }
  Faults& faults() { return faults_; }
  /// What the store holds, seen without port calls: for checkers.
  WatchedStore& objects() { return objects_; }
  const SimulationOptions& options() const { return options_; }

  RunReport Report(std::string scenario) const;

 private:
  friend class Actor;

  void StartActor(const std::string& name, int incarnation, std::function<void(Actor&)> body, Mortality mortality);
  void RunToTheEnd();
  /// The store that the seed has, without its watchers.
  store::ObjectStore& MakeStore();

  const SimulationOptions options_;
  const Personality personality_;
  Trace trace_;
  Scheduler scheduler_;
  Faults faults_;
  SimClock store_clock_;
  store::MemoryStore memory_;
  /// Each has one of the habits of a loose store, and stands before the one ahead of it; none if the store is strict.
  std::vector<std::unique_ptr<store::ObjectStore>> loose_stores_;
  WatchedStore objects_;
  Process& network_;
  std::vector<std::unique_ptr<Actor>> actors_;
  std::vector<std::string> violations_;
  std::map<std::string, int64_t> counts_;
};

}  // namespace sleeper::sim
