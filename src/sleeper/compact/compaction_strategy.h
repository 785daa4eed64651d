#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sleeper::compact {

/// Part of a list: the files [first, first + count).
struct FileGroup {
  size_t first = 0;
  size_t count = 0;

  friend bool operator==(const FileGroup&, const FileGroup&) = default;
};

/// The groups that the basic strategy merges: consecutive groups of exactly `batch_size` files. What is left waits.
/// REQUIRES: batch_size >= 2.
std::vector<FileGroup> GroupByCount(size_t files, size_t batch_size);

/// True if at least two files are there and the largest of them is at most 1/ratio of all the others together.
/// REQUIRES: `rows` ascends.
bool MeetsSizeRatio(std::span<const int64_t> rows, int64_t ratio);

/// The groups that the size-ratio strategy merges. The largest files are dropped from the end until the rest meets the
/// ratio. If that is one batch, it is the only group; otherwise a window of a batch slides over it from the smallest
/// file on, takes a group where the window meets the ratio, and otherwise moves on by one file.
/// REQUIRES: `rows` ascends; batch_size >= 2; ratio >= 1.
std::vector<FileGroup> GroupBySizeRatio(std::span<const int64_t> rows, size_t batch_size, int64_t ratio);

}  // namespace sleeper::compact
