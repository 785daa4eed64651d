#pragma once

#include <cstdint>
#include <string_view>

namespace sleeper {

/// Hears how far a long operation has come. Implementations are thread-safe and cheap: they are called per batch.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;

  /// `phase` ("reading", "merging", …) has done `done` of `total` units; total 0 means that it is not known.
  virtual void Report(std::string_view phase, int64_t done, int64_t total) = 0;
};

}  // namespace sleeper
