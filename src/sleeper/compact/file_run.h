#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sleeper/compact/compaction_input.h"

namespace sleeper::compact {

/// Slices of one partition, one behind the other in key order without overlap: what planning treats as one file.
///
/// A large compaction writes several files of full size. They are one sorted sequence, and counting them one by one
/// would have them merged with one another for nothing. So files of full size that do not overlap make one run; any
/// smaller file is a run of its own. Where no file reaches full size, runs are files.
struct FileRun {
  /// In key order.
  std::vector<CompactionInput> files;
  int64_t rows = 0;
  int64_t bytes = 0;
};

/// The fewest runs that hold `inputs`, in ascending order of their rows; runs of equal rows in the order of their first
/// file among `inputs`. A file has full size from half of `file_bytes_target` on.
std::vector<FileRun> MakeRuns(std::span<const CompactionInput> inputs, int64_t file_bytes_target);

/// True if rows of two of the runs may share a key or interleave.
bool AnyOverlap(std::span<const FileRun> runs);

/// The number of files that so many bytes are written to: each is at least the target, unless it is the only one.
int64_t OutputFiles(int64_t bytes, int64_t file_bytes_target);

}  // namespace sleeper::compact
