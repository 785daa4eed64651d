#pragma once

#include "sleeper/collect/sweep_table.h"
#include "sleeper/engine/cleaning.h"

namespace sleeper::engine {

inline SweepResult ResultOf(const collect::SweepReport& report) {
  return {.orphans = report.orphans,
          .bytes = report.bytes,
          .failed = report.failed,
          .waiting = report.waiting,
          .foreign = report.foreign,
          .jobs_released = report.jobs_released,
          .failure = report.failure};
}

}  // namespace sleeper::engine
