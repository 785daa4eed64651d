#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/call_context.h"
#include "sleeper/file/scan_plan.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// Fetches the pages of several columns of one row group, a window at a time: whenever one column has run out, the next
/// pages of all columns that are low are asked for together, in one wave of few ranges. Confined.
///
/// Held are, over all columns, about twice `window_bytes_max` bytes, or a page of each column if that is more.
class PageFetch {
 public:
  /// `store` and what `call` points at must outlive it.
  PageFetch(store::ObjectStore& store, store::ObjectPath path, const CallContext& call, std::vector<LeafPages> leaves,
            int64_t window_bytes_max);

  /// The first bytes that are fetched of a leaf and not taken yet: the rest of a page and whole pages behind it. Empty
  /// only at the end of the leaf's pages.
  Result<Buffer> Front(size_t leaf);

  /// Takes the first `size` bytes of Front(). REQUIRES: it has them.
  void Take(size_t leaf, int64_t size);

 private:
  /// Reading so many bytes that nobody wants costs less than another request.
  static constexpr int64_t kGapBytesMax = 16 << 10;

  struct Leaf {
    /// Dictionary and pages, in the order in which they are read.
    std::vector<ByteRange> parts;
    size_t next = 0;
    std::deque<Buffer> fetched;
    int64_t fetched_bytes = 0;
  };

  /// Takes the next parts of a leaf, up to its share of a window, as one range; they lie side by side. False if none
  /// are left.
  bool NextRange(Leaf& leaf, ByteRange& range);
  Status FetchWindow();
  /// Reads ranges, joining those that lie close together.
  Result<std::vector<Buffer>> ReadRanges(const std::vector<ByteRange>& ranges);

  store::ObjectStore& store_;
  store::ObjectPath path_;
  CallContext call_;
  std::vector<Leaf> leaves_;
  int64_t share_bytes_;
};

}  // namespace sleeper::file
