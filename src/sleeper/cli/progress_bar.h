#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/mutex.h"
#include "sleeper/base/progress.h"
#include "sleeper/base/time.h"

namespace sleeper::cli {

/// One line on a terminal that says how far the command has come, from its second second on. Thread-safe.
class ProgressBar final : public ProgressSink {
 public:
  /// Both must outlive the bar.
  ProgressBar(const Clock& clock, int descriptor);
  /// Wipes the line.
  ~ProgressBar() override;

  void Report(std::string_view phase, int64_t done, int64_t total) override;

 private:
  static constexpr Duration kPatience = std::chrono::seconds(1);
  static constexpr Duration kInterval = std::chrono::milliseconds(100);

  const Clock& clock_;
  const int descriptor_;
  const Instant start_;
  Mutex mutex_;
  Instant next_ SLEEPER_GUARDED_BY(mutex_);
  bool drawn_ SLEEPER_GUARDED_BY(mutex_) = false;
};

/// "merging  [########............]  40%  1,200,000 of 3,000,000"; without a total: "rows  1,200,000".
std::string ProgressLine(std::string_view phase, int64_t done, int64_t total);

}  // namespace sleeper::cli
