#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/defect.h"
#include "tests/sim/seeds.h"

namespace sleeper::sim {

/// A mistake that was put into the system, and where it is looked for.
struct Flaw {
  std::string name;
  std::string what;
  /// Which scenario is to find it.
  Scenario scenario;
  /// In the store, or kNone.
  Defect defect = Defect::kNone;
};

/// What a search for a flaw came to.
struct DefectSearch {
  /// Runs until it was found; 0 if it was not.
  int64_t seeds = 0;
  /// How it showed.
  std::string violation;
};

/// Plays seeds from `first` until one of them fails, at most `seeds_max`.
DefectSearch SearchDefect(const Flaw& flaw, uint64_t first, int64_t seeds_max);

}  // namespace sleeper::sim
