#pragma once

#include <optional>
#include <string>

#include "sleeper/base/cancellation.h"
#include "sleeper/engine/machine.h"

namespace sleeper::cli {

/// What the program finds around it; read by main alone.
struct Environment {
  std::string version;
  /// SLEEPER_INSTANCE.
  std::optional<std::string> instance;
  /// Who runs the program and where, for the entries of logs.
  std::string writer = "sleeper";
  /// Empty: the system's.
  std::string scratch_folder;
  /// The variables that tools of AWS read.
  engine::AwsEnvironment aws;
  bool stderr_is_terminal = false;
  bool coloured_errors = false;
  int stdout_descriptor = 1;
  int stderr_descriptor = 2;
  /// Set by the first interrupt.
  const Cancellation* interrupt = nullptr;
};

}  // namespace sleeper::cli
