#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sleeper::compact {

/// What one process can tell of another.
enum class WorkerLife {
  kUnknown,  ///< It may run on another machine, say, or what it calls itself is not understood.
  kAlive,
  kDead,
};

/// How the process behind a job can be recognised: a port, empty where there is nothing to tell.
struct Worker {
  /// Stands in the jobs that this process takes.
  std::string self;
  /// Whether the process that calls itself so is alive. Anything but kUnknown is certain.
  std::function<WorkerLife(std::string_view worker)> look_up;
};

/// This process, by the kernel's account of it. Another one can tell whether it is alive if it runs on the same
/// machine, since the same start of it, and sees the same processes (not from another container).
Worker ThisProcess();

}  // namespace sleeper::compact
