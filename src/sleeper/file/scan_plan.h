#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/file/file_index.h"
#include "sleeper/model/key_interval.h"

namespace sleeper::file {

/// Consecutive rows of a row group that have to be decoded. Value.
struct Stretch {
  int64_t begin = 0;
  int64_t end = 0;
  /// True if every row of it is wanted, so that no key needs to be looked at.
  bool whole = false;

  friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// The stretches of a row group that hold all rows inside the intervals: ascending, disjoint, cut at pages of the first
/// row key; one that is whole is apart from its neighbours that are not. REQUIRES: intervals are sorted and disjoint.
std::vector<Stretch> PlanStretches(const RowGroupIndex& row_group, std::span<const model::KeyInterval> intervals);

/// The pages of one column that a scan of some stretches reads, and where they lie. Value.
struct LeafPages {
  /// A page that is read: its rows, and its bytes in the file.
  struct Page {
    int64_t first_row = 0;
    int64_t rows = 0;
    ByteRange bytes;
  };
  std::vector<Page> pages;
  /// Read before the pages, if its size is not 0.
  ByteRange dictionary;
  /// That the pages may have.
  EncodingSet encodings = ~EncodingSet{0};

  int64_t bytes() const;
};

/// REQUIRES: stretches are ascending and disjoint.
LeafPages PlanPages(const LeafIndex& leaf, int64_t rows, std::span<const Stretch> stretches);

}  // namespace sleeper::file
