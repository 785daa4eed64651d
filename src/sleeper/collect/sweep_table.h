#pragma once

#include <cstdint>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/collect/sweep_policy.h"
#include "sleeper/collect/table_ports.h"

namespace sleeper::collect {

/// What a sweep did.
struct SweepReport {
  /// Objects that nothing referred to, and that are gone.
  int64_t orphans = 0;
  int64_t bytes = 0;
  /// Orphans that could not be deleted, and those that are too young, or that a job may be writing.
  int64_t failed = 0;
  int64_t waiting = 0;
  /// Objects whose names are none of ours.
  int64_t foreign = 0;
  /// Jobs of the dead that were ended.
  int64_t jobs_released = 0;
  /// Why the first of those that failed did. What the numbers say was done nevertheless.
  Status failure;

  SweepReport& operator+=(const SweepReport& other);
};

/// Clears away what writers left behind that died, or whose work was refused: data files, bodies and plans that the
/// state does not know, unfinished uploads and temporary files, registrations of jobs, and the memory of old ones.
///
/// Safe however long a writer slept: what is deleted was born below the sweep floor, which is committed before, so that
/// the state refuses it from then on. Without anything to clear away it commits and writes nothing.
///
/// A failed Result means that nothing was deleted. kNotFound: there is no such table.
Result<SweepReport> SweepTable(const TablePorts& ports, const SweepPolicy& policy, const CallContext& call);

}  // namespace sleeper::collect
