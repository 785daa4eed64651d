#include "sleeper/store/object_stamp.h"

#include <chrono>

#include <fmt/format.h>
#include <sys/stat.h>

namespace sleeper::store {

using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

std::timespec StampSource::Next() {
  constexpr uint64_t kNumbersPerMillisecond = 1'000'000;
  const auto now = floor<milliseconds>(clock_.Now().time_since_epoch());
  const auto second = floor<seconds>(now);
  const uint64_t number = next_.fetch_add(1, std::memory_order_relaxed) % kNumbersPerMillisecond;
  const nanoseconds fraction = nanoseconds(now - second) + nanoseconds(number);
  return {static_cast<std::time_t>(second.count()), static_cast<long>(fraction.count())};
}

ObjectInfo InfoOf(const ObjectPath& path, const struct stat& attributes) {
  const nanoseconds modified = seconds(attributes.st_mtim.tv_sec) + nanoseconds(attributes.st_mtim.tv_nsec);
  return {path, attributes.st_size, fmt::format("{:x}-{:x}", modified.count(), attributes.st_size),
          WallTime(floor<milliseconds>(modified))};
}

}  // namespace sleeper::store
