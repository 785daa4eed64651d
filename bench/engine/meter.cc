#include "bench/engine/meter.h"

#include <chrono>
#include <cstdio>

#include <sys/resource.h>

namespace sleeper {
namespace {

rusage Usage() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

double CpuSeconds() {
  const rusage usage = Usage();
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + time.tv_usec / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

void Meter::Restart() {
  cpu_ = CpuSeconds();
  wall_ = clock_.MonotonicNow();
}

void Meter::Print(const char* what, int64_t rows) const {
  const double cpu = CpuSeconds() - cpu_;
  const double wall = std::chrono::duration<double>(clock_.MonotonicNow() - wall_).count();
  std::printf("%s: %lld rows, cpu %.3f s, wall %.3f s, %.3f M rows per CPU-second, peak %ld MB\n", what,
              static_cast<long long>(rows), cpu, wall, static_cast<double>(rows) / cpu / 1e6, Usage().ru_maxrss / 1024);
}

}  // namespace sleeper
