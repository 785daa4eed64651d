#include "tests/sim/simulation.h"

#include <ostream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "sleeper/store/testing/misbehaving_store.h"

namespace sleeper::sim {
namespace {

// From the first violation on, every process unwinds: each port call fails.
constexpr int64_t kStepsToUnwind = 50'000;

Duration DrawSkew(Scheduler& scheduler, Duration skew_max) {
  const auto range = static_cast<uint64_t>(2 * skew_max.count()) + 1;
  return Duration(static_cast<int64_t>(scheduler.Choose(range))) - skew_max;
}

}  // namespace

Actor::Actor(Simulation& simulation, Process& process, Mortality mortality)
    : simulation_(simulation),
      process_(process),
      clock_(simulation.scheduler_, DrawSkew(simulation.scheduler_, simulation.personality_.skew_max),
             std::chrono::hours(1 + simulation.scheduler_.Choose(100'000))),
      random_(simulation.scheduler_.Choose(UINT64_MAX)),
      executor_(simulation.scheduler_, process, clock_, 1 + static_cast<int>(simulation.scheduler_.Choose(4))),
      sim_store_({simulation.scheduler_, simulation.faults_, simulation.objects_, simulation.network_}, process, clock_,
                 mortality) {
  const Defect defect = simulation.options_.defect;
  if (defect == Defect::kNone) return;
  defective_store_ = MakeDefective(defect, sim_store_);
  store_ = defective_store_.get();
}

void Actor::Rest() {
  Scheduler& scheduler = simulation_.scheduler_;
  scheduler.SleepUntil(scheduler.now() + simulation_.faults_.AnyDuration());
}

std::ostream& operator<<(std::ostream& out, const RunReport& report) {
  out << "scenario " << report.scenario << ", seed " << report.seed << ": "
      << (report.ok() ? "clean" : report.violations.front()) << '\n';
  for (size_t i = 1; i < report.violations.size(); ++i) out << "  also: " << report.violations[i] << '\n';
  out << "  " << report.personality << '\n';
  out << fmt::format("  {} steps, {} port calls, {:.1f} virtual seconds, trace {:016x}\n", report.steps,
                     report.port_calls, static_cast<double>(report.virtual_time.count()) / 1e6, report.trace_hash);
  for (const auto& [what, times] : report.counts) out << "  " << what << ": " << times << '\n';
  if (report.ok()) return out;
  out << "  the last port calls:\n";
  for (const std::string& line : report.latest_lines) out << "    " << line << '\n';
  return out;
}

Simulation::Simulation(const SimulationOptions& options)
    : options_(options),
      personality_(options.personality != nullptr ? *options.personality : Personality::Draw(options.seed)),
      scheduler_(options.seed, personality_.step_mean, trace_),
      faults_(personality_, scheduler_),
      store_clock_(scheduler_, DrawSkew(scheduler_, personality_.skew_max), Duration{}),
      memory_(store_clock_),
      objects_(MakeStore()),
      network_(scheduler_.AddProcess("network", 1)) {
  trace_.PrintTo(options.print);
}

store::ObjectStore& Simulation::MakeStore() {
  store::ObjectStore* store = &memory_;
  if (personality_.store_habits == StoreHabits::kStrict) return *store;
  using store::Misbehaviour;
  for (const Misbehaviour habit :
       {Misbehaviour::kMultipartLetsRacersWin, Misbehaviour::kTurnsBackslashes, Misbehaviour::kListsByFolder}) {
    loose_stores_.push_back(std::make_unique<store::MisbehavingStore>(*store, habit, [this] { scheduler_.Yield(); }));
    store = loose_stores_.back().get();
  }
  return *store;
}

void Simulation::AddActor(const std::string& name, std::function<void(Actor&)> body, Mortality mortality) {
  StartActor(name, 1, std::move(body), mortality);
}

void Simulation::StartActor(const std::string& name, int incarnation, std::function<void(Actor&)> body,
                            Mortality mortality) {
  const std::string process_name = incarnation == 1 ? name : fmt::format("{}.{}", name, incarnation);
  Process& process = scheduler_.AddProcess(process_name, personality_.slowness_max);
  actors_.push_back(std::make_unique<Actor>(*this, process, mortality));
  Actor& actor = *actors_.back();
  scheduler_.Start(process, [this, name, incarnation, mortality, &actor, body = std::move(body)] {
    body(actor);
    if (!actor.killed() || failed()) return;
    Note(actor.name(), "was killed");
    const Duration restart = scheduler_.now() + faults_.AnyDuration();
    scheduler_.Start(network_, [this, name, incarnation, mortality, body, restart] {
      scheduler_.SleepUntil(restart);
      StartActor(name, incarnation + 1, body, mortality);
    });
  });
}

void Simulation::Run() { RunToTheEnd(); }

void Simulation::RunHealed(const std::string& name, std::function<void(Actor&)> body) {
  if (failed()) return;
  faults_.Heal();
  AddActor(name, std::move(body), Mortality::kImmortal);
  RunToTheEnd();
}

void Simulation::RunToTheEnd() {
  RunEnd end = scheduler_.Run(options_.steps_max);
  if (end == RunEnd::kTooLong && !failed()) {
    std::ostringstream tasks;
    scheduler_.Describe(tasks);
    Fail(fmt::format("no end after {} steps:\n{}", options_.steps_max, tasks.str()));
  }
  if (end == RunEnd::kTooLong) end = scheduler_.Run(scheduler_.steps() + kStepsToUnwind);
  if (end == RunEnd::kAllEnded) return;
  std::ostringstream tasks;
  scheduler_.Describe(tasks);
  Fail(fmt::format("{}:\n{}", end == RunEnd::kDeadlock ? "deadlock" : "killed processes do not unwind", tasks.str()));
  scheduler_.Abandon();
}

void Simulation::Fail(std::string violation) {
  Note("checker", "violation: " + violation);
  violations_.push_back(std::move(violation));
  if (violations_.size() > 1) return;
  faults_.Heal();
  for (const auto& actor : actors_) scheduler_.Kill(actor->process());
}

void Simulation::Note(const std::string& who, std::string what) {
  trace_.Add({.time = scheduler_.now(), .process = who, .task = scheduler_.current_task(), .what = std::move(what)});
}

RunReport Simulation::Report(std::string scenario) const {
  RunReport report{.scenario = std::move(scenario),
                   .seed = options_.seed,
                   .violations = violations_,
                   .trace_hash = trace_.hash(),
                   .steps = scheduler_.steps(),
                   .virtual_time = scheduler_.now(),
                   .personality = personality_.Describe(),
                   .latest_lines = trace_.Latest(),
                   .counts = counts_};
  for (const auto& actor : actors_) report.port_calls += actor->calls();
  for (const auto& [fault, times] : faults_.struck()) report.counts["fault: " + std::string(fault)] += times;
  return report;
}

}  // namespace sleeper::sim
