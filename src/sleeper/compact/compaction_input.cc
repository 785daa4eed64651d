#include "sleeper/compact/compaction_input.h"

#include <algorithm>

namespace sleeper::compact {

const model::NormalisedKey& CompactionInput::FirstKey() const { return std::max(file.bounds.min, interval.lower); }

bool CompactionInput::StartsAfter(const CompactionInput& earlier) const {
  const model::NormalisedKey& first = FirstKey();
  if (earlier.interval.upper && first >= *earlier.interval.upper) return true;
  return first > earlier.file.bounds.max;
}

int64_t CompactionInput::EstimatedBytes() const {
  if (file.rows <= 0 || rows >= file.rows) return std::max<int64_t>(1, file.size_bytes);
  const double share = static_cast<double>(rows) / static_cast<double>(file.rows);
  return std::max<int64_t>(1, static_cast<int64_t>(share * static_cast<double>(file.size_bytes)));
}

}  // namespace sleeper::compact
