#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sleeper::compact {

/// How the process behind a job can be recognised: a port, empty where there is nothing to tell.
struct Worker {
  /// Stands in the jobs that this process takes.
  std::string self;
  /// Whether the process that calls itself so is dead. True only if that is certain; false for what is not understood.
  std::function<bool(std::string_view worker)> is_dead;
};

/// This process, by the kernel's account of it. Another one can tell that it is dead if it runs on the same machine,
/// since the same start of it, and sees the same processes (not from another container).
Worker ThisProcess();

}  // namespace sleeper::compact
