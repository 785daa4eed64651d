#pragma once

#include <cstdint>

#include "sleeper/base/status.h"

namespace sleeper::engine {

/// What collecting deleted. Value.
struct CollectResult {
  int64_t files = 0;
  int64_t bytes = 0;
  /// Files that could not be deleted, and files whose time has not come.
  int64_t failed = 0;
  int64_t waiting = 0;
  /// Why the first of those failed. What the numbers say was done nevertheless.
  Status failure;
};

/// What a sweep deleted. Value.
struct SweepResult {
  int64_t orphans = 0;
  int64_t bytes = 0;
  /// Orphans that could not be deleted, and those that are too young, or may be part of a job.
  int64_t failed = 0;
  int64_t waiting = 0;
  /// Objects that are none of ours, and were left alone.
  int64_t foreign = 0;
  int64_t jobs_released = 0;
  /// Why the first of those failed. What the numbers say was done nevertheless.
  Status failure;
};

}  // namespace sleeper::engine
