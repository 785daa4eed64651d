#pragma once

#include "sleeper/base/time.h"
#include "sleeper/model/properties.h"

namespace sleeper::collect {

/// How much of a table is looked at.
enum class SweepExtent {
  kWhole,
  /// Of the data files of a large table a part, chosen at random: a sweep that is repeated often costs about the same
  /// for a table of any size, and comes to all of it in time.
  kPart,
};

/// The ages, by the store's clock, at which what was left behind goes. Value.
struct SweepPolicy {
  /// Objects that nothing refers to, and the registrations of ingests that are silent for so long.
  Duration age = std::chrono::minutes(1'440);
  /// How long jobs that have ended are remembered.
  Duration job_memory = std::chrono::days(7);
  SweepExtent extent = SweepExtent::kWhole;

  static SweepPolicy From(const model::Properties& properties);
};

}  // namespace sleeper::collect
