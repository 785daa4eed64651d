#include "tests/sim/port_call.h"

#include <bit>

#include <fmt/format.h>

namespace sleeper::sim {
namespace {

// Of the calls, so many hand the baton on also between effect and answer, and so many change the speed of the process.
constexpr double kAnswerTravels = 0.3;
constexpr double kSpeedChanges = 0.02;

}  // namespace

SimStore::PortCall::PortCall(SimStore& store, std::string_view verb, const store::ObjectPath& path,
                             const CallContext& call)
    : store_(store), world_(store.world_), verb_(verb), path_(path), call_(call), number_(store.calls_++) {}

void SimStore::PortCall::Carries(std::string_view bytes) {
  bytes_ = static_cast<int64_t>(bytes.size());
  world_.scheduler.trace().Mix(bytes);
}

Status SimStore::PortCall::Travel() {
  Scheduler& scheduler = world_.scheduler;
  const bool crash = store_.crash_point_ && store_.crash_point_->call == number_;
  if (crash && !store_.crash_point_->after_effect) scheduler.Kill(store_.process_);
  MeetFate();
  if (store_.process_.killed()) {
    scheduler.Yield();
    return Dead();
  }
  TRY(call_.Check(store_.clock_));
  if (Strikes(Fault::kUnavailable)) {
    scheduler.Yield();
    return Error(ErrorKind::kUnavailable, verb_, " ", path_, ": connection refused");
  }
  if (Strikes(Fault::kThrottled)) {
    scheduler.Yield();
    return Error(ErrorKind::kThrottled, verb_, " ", path_, ": slow down");
  }
  if (Strikes(Fault::kStall)) scheduler.SleepUntil(scheduler.now() + world_.faults.AnyDuration());
  scheduler.Yield();
  sent_ = true;
  if (store_.process_.killed()) return Dead();
  if (Status ended = call_.Check(store_.clock_); !ended.ok()) return WithKind(ended, ErrorKind::kOutcomeUnknown);
  sent_ = false;
  return Status::OK();
}

Status SimStore::PortCall::TravelBack() {
  Scheduler& scheduler = world_.scheduler;
  if (store_.crash_point_ && store_.crash_point_->call == number_) scheduler.Kill(store_.process_);
  if (scheduler.Chance(kAnswerTravels)) scheduler.Yield();
  return store_.process_.killed() ? Dead() : Status::OK();
}

void SimStore::PortCall::MeetFate() {
  Scheduler& scheduler = world_.scheduler;
  Process& process = store_.process_;
  if (scheduler.Chance(kSpeedChanges)) {
    const auto orders = static_cast<uint64_t>(std::bit_width(world_.faults.personality().slowness_max));
    process.set_weight(uint64_t{1} << scheduler.Choose(orders));
  }
  if (store_.mortality_ == Mortality::kMortal && Strikes(Fault::kKill)) scheduler.Kill(process);
  if (Strikes(Fault::kPause)) scheduler.Pause(process, scheduler.now() + 8 * world_.faults.AnyDuration());
}

bool SimStore::PortCall::Strikes(Fault fault) {
  if (store_.process_.killed() || !world_.faults.Strikes(fault)) return false;
  if (!faults_.empty()) faults_ += ", ";
  faults_ += FaultName(fault);
  return true;
}

void SimStore::PortCall::Later(std::function<void()> effect) {
  const Duration arrival = world_.scheduler.now() + world_.faults.AnyDuration();
  World world = world_;
  auto arrive = [world, arrival, effect = std::move(effect), what = fmt::format("{} arrives late", verb_),
                 path = path_.value()] {
    world.scheduler.SleepUntil(arrival);
    effect();
    world.scheduler.trace().Add({.time = world.scheduler.now(),
                                 .process = world.network.name(),
                                 .task = world.scheduler.current_task(),
                                 .what = what,
                                 .path = path});
  };
  world_.scheduler.Start(world_.network, std::move(arrive));
}

Status SimStore::PortCall::Unknown() const {
  return Error(ErrorKind::kOutcomeUnknown, verb_, " ", path_, ": the connection was reset before the answer");
}

Status SimStore::PortCall::Dead() const {
  // The kind that nobody tries again, and that needs no cancelled call.
  return Error(ErrorKind::kDenied, verb_, " ", path_, ": the process was killed");
}

Status SimStore::PortCall::Answered(Status status) {
  Note(std::string(ErrorKindName(KindOf(status))));
  return status;
}

void SimStore::PortCall::Note(std::string outcome) {
  Scheduler& scheduler = world_.scheduler;
  Trace::Line line{.time = scheduler.now(),
                   .process = store_.process_.name(),
                   .task = scheduler.current_task(),
                   .what = std::string(verb_),
                   .path = path_.value(),
                   .bytes = bytes_,
                   .fault = faults_,
                   .outcome = std::move(outcome)};
  scheduler.trace().Add(line);
  scheduler.SetLastCall(std::move(line));
}

}  // namespace sleeper::sim
