#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/time.h"

namespace sleeper::store {

/// When ranges of an object are read as one. Value.
struct JoinLimits {
  /// Ranges with more bytes between them stay apart.
  int64_t hole_bytes_max = 0;
  /// No joined range is larger, so that many bytes are still read by several requests.
  int64_t range_bytes_max = 0;

  /// For a store whose requests take so long until their first byte, and then bring so many bytes in a second: reading
  /// a hole must not make a request an eighth slower than its wait for the first byte, and a range as large as eight
  /// times what would come in during that wait hardly gains from being larger.
  static JoinLimits For(Duration first_byte, int64_t bytes_per_second);
};

/// The fewer and larger ranges to read in place of many that lie close together. Immutable.
class JoinedRanges {
 public:
  JoinedRanges(std::span<const ByteRange> asked, const JoinLimits& limits);

  /// What to read.
  const std::vector<ByteRange>& ranges() const { return joined_; }

  /// The bytes of the ranges that were asked for, in their order, of those of ranges(). A range that is read for its
  /// neighbours' sake more than for its own is copied, so that what nobody wants is not held in memory.
  /// REQUIRES: `read` has the bytes of ranges().
  std::vector<Buffer> Distribute(const std::vector<Buffer>& read) const;

 private:
  const std::vector<ByteRange> asked_;
  std::vector<ByteRange> joined_;
  /// Which of the joined ranges holds each range that was asked for.
  std::vector<size_t> holder_;
  /// How many bytes of each joined range were asked for.
  std::vector<int64_t> wanted_bytes_;
};

}  // namespace sleeper::store
