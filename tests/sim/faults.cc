#include "tests/sim/faults.h"

#include <iterator>

#include <fmt/format.h>

#include "sleeper/base/random.h"

namespace sleeper::sim {
namespace {

constexpr std::string_view kNames[kFaultCount] = {
    "unavailable", "throttled", "answer lost", "request lost", "late", "sent twice", "echo",
    "body cut",    "partly",    "short page",  "stall",        "kill", "pause",
};

// Of all calls during a storm, so many are turned away.
constexpr double kStormRate = 0.7;

// One seed in so many has a loose store.
constexpr uint64_t kLooseStoreEvery = 4;

template <typename Value, size_t N>
Value OneOf(Random& random, const Value (&values)[N]) {
  return values[random.Below(N)];
}

}  // namespace

std::string_view FaultName(Fault fault) { return kNames[static_cast<size_t>(fault)]; }

Personality Personality::Draw(uint64_t seed) {
  SeededRandom random(seed ^ 0x706572736f6e);
  Personality drawn;
  drawn.step_mean = Duration(OneOf(random, {1'000, 5'000, 50'000}));
  drawn.slowness_max = OneOf<uint64_t>(random, {1, 8, 128});
  drawn.skew_max = std::chrono::minutes(OneOf(random, {0, 10, 60 * 24 * 400}));
  if (seed % kLooseStoreEvery == 0) drawn.store_habits = StoreHabits::kLoose;
  if (random.Below(10) == 0) return drawn;
  drawn.budget = OneOf<int64_t>(random, {3, 15, 60, 200});
  for (double& rate : drawn.rates) {
    if (random.Below(2) == 0) rate = OneOf(random, {0.003, 0.02, 0.1, 0.25});
  }
  // They cost most of the work that was done; more of them would leave nothing to look at.
  drawn.rates[static_cast<size_t>(Fault::kKill)] /= 10;
  drawn.rates[static_cast<size_t>(Fault::kPause)] /= 10;
  return drawn;
}

std::string Personality::Describe() const {
  std::string text = fmt::format("steps of {} us, skew up to {} min, slowness {}, ", step_mean.count(),
                                 skew_max.count() / 60'000'000, slowness_max);
  if (store_habits == StoreHabits::kLoose) text += "a loose store, ";
  if (budget == 0) return text + "no faults";
  text += fmt::format("up to {} faults:", budget);
  for (int i = 0; i < kFaultCount; ++i) {
    if (rates[static_cast<size_t>(i)] > 0) text += fmt::format(" {} {:.2g},", kNames[i], rates[static_cast<size_t>(i)]);
  }
  text.pop_back();
  return text;
}

Faults::Faults(const Personality& personality, Scheduler& scheduler)
    : personality_(personality), scheduler_(scheduler), left_(personality.budget) {}

bool Faults::Strikes(Fault fault) {
  if (healed()) return false;
  bool storm = fault == Fault::kThrottled && scheduler_.now() < throttled_until_;
  if (!scheduler_.Chance(storm ? kStormRate : personality_.rate(fault))) return false;
  --left_;
  ++struck_[FaultName(fault)];
  if (fault == Fault::kThrottled && !storm) throttled_until_ = scheduler_.now() + AnyDuration();
  return true;
}

Duration Faults::AnyDuration() {
  const uint64_t order = scheduler_.Choose(13);
  const auto steps = static_cast<int64_t>(scheduler_.Choose((uint64_t{1} << order) + 1));
  return personality_.step_mean * (steps + 1);
}

}  // namespace sleeper::sim
