#pragma once

#include <string_view>

#include "sleeper/base/status.h"

namespace sleeper::cli {

/// The two streams of the program: results on one, everything else on the other. Thread-compatible.
class Console {
 public:
  Console(int stdout_descriptor, int stderr_descriptor) : stdout_(stdout_descriptor), stderr_(stderr_descriptor) {}

  /// Writes a result. kCancelled if its reader has gone away; kExhausted if the disk is full.
  /// REQUIRES: the process ignores SIGPIPE.
  Status Print(std::string_view text);

  /// False if standard output is a pipe whose reader has gone away.
  bool HasReader() const;

  /// Writes a line about what is going on. Nobody can be told if that fails.
  void Tell(std::string_view line);

 private:
  const int stdout_;
  const int stderr_;
};

}  // namespace sleeper::cli
