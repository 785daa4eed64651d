#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tests/sim/scheduler.h"

namespace sleeper::sim {

/// What can go wrong with a call of the object store, or with who makes it.
enum class Fault {
  kUnavailable,  ///< Fails before it has any effect.
  kThrottled,    ///< The same, and so do most calls for a while.
  kAnswerLost,   ///< A write has its effect, its answer is lost.
  kRequestLost,  ///< A write has no effect, and nobody can tell.
  kLate,         ///< A write whose answer was lost has its effect later.
  kSentTwice,    ///< The client library repeats a write at once: the answer is that of the repetition.
  kEcho,         ///< A write is answered well, and a copy of it that was on its way has its effect later.
  kBodyCut,      ///< A read ends before all bytes have come.
  kPartly,       ///< A delete of several objects stops in the middle.
  kShortPage,    ///< A listing gives less than it was asked for.
  kStall,        ///< The call takes long.
  kKill,         ///< The process dies.
  kPause,        ///< The process stands still for long.
};
inline constexpr int kFaultCount = 13;

std::string_view FaultName(Fault fault);

/// What a seed's store does besides keeping the promises that the protocol relies on.
enum class StoreHabits {
  kStrict,  ///< It keeps all promises of the port.
  kLoose,   ///< Of uploads that overlap all win, listings go by folders, a backslash is a slash.
};

/// Which faults a seed has, how often, and how many until the world is healed for good. From then on all work that is
/// worth anything must come to its end.
struct Personality {
  std::array<double, kFaultCount> rates{};
  int64_t budget = 0;
  /// By how much the calendars of the processes may be wrong.
  Duration skew_max{};
  /// The mean time that a step takes.
  Duration step_mean = std::chrono::milliseconds(5);
  /// How much slower than the others a process may be.
  uint64_t slowness_max = 1;
  StoreHabits store_habits = StoreHabits::kStrict;

  /// Draws one: each kind of fault is there or not, often or rare; some seeds have none at all. Every fourth seed has a
  /// loose store.
  static Personality Draw(uint64_t seed);

  double rate(Fault fault) const { return rates[static_cast<size_t>(fault)]; }
  std::string Describe() const;
};

/// Decides when which fault happens. Confined.
class Faults {
 public:
  /// `scheduler` must outlive it.
  Faults(const Personality& personality, Scheduler& scheduler);

  /// True if `fault` is to happen now; it is taken from the budget.
  bool Strikes(Fault fault);

  /// True once the budget is used up: nothing fails any more.
  bool healed() const { return left_ == 0; }
  void Heal() { left_ = 0; }

  /// A random length of time, of any order of magnitude: from one step to some thousands.
  Duration AnyDuration();

  const Personality& personality() const { return personality_; }
  /// How often each fault has happened, by name.
  const std::map<std::string_view, int64_t>& struck() const { return struck_; }

 private:
  const Personality personality_;
  Scheduler& scheduler_;
  int64_t left_;
  Duration throttled_until_{};
  std::map<std::string_view, int64_t> struck_;
};

}  // namespace sleeper::sim
