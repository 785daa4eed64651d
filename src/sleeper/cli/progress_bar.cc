#include "sleeper/cli/progress_bar.h"

#include <algorithm>
#include <unistd.h>

#include <fmt/format.h>

#include "sleeper/cli/figures.h"

namespace sleeper::cli {
namespace {

constexpr int kBarWidth = 30;

/// A terminal that does not take the line is no reason to fail.
void Draw(int descriptor, const std::string& text) {
  if (::write(descriptor, text.data(), text.size()) < 0) return;
}

}  // namespace

std::string ProgressLine(std::string_view phase, int64_t done, int64_t total) {
  if (total <= 0) return fmt::format("{}  {}", phase, Grouped(done));
  const double share = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
  const int filled = static_cast<int>(share * kBarWidth);
  return fmt::format("{}  [{:#<{}}{:.<{}}]  {:3.0f}%  {} of {}", phase, "", filled, "", kBarWidth - filled, share * 100,
                     Grouped(done), Grouped(total));
}

ProgressBar::ProgressBar(const Clock& clock, int descriptor)
    : clock_(clock), descriptor_(descriptor), start_(clock.MonotonicNow()), next_(start_ + kPatience) {}

ProgressBar::~ProgressBar() {
  if (drawn_) Draw(descriptor_, "\r\033[K");
}

void ProgressBar::Report(std::string_view phase, int64_t done, int64_t total) {
  const Instant now = clock_.MonotonicNow();
  {
    MutexLock lock(mutex_);
    if (now < next_) return;
    next_ = now + kInterval;
    drawn_ = true;
  }
  Draw(descriptor_, "\r\033[K" + ProgressLine(phase, done, total));
}

}  // namespace sleeper::cli
