#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sleeper/rows/row_stream.h"

namespace sleeper::rows {

struct MergeSettings {
  /// A batch of the result ends at whichever comes first.
  int64_t batch_rows_max = 8192;
  int64_t batch_bytes_max = 4 << 20;
};

/// One stream in key order out of several. All rows come back, also those of equal keys, in the order of the inputs:
/// the result is that of a stable sort of the concatenated inputs. Memory is one batch per input and one of the result.
/// An input that turns out not to be in key order is kCorrupt. More than MergePlan::kInputsMax inputs are merged in
/// rounds.
/// REQUIRES: all inputs have the layout `layout`, which has its keys.
std::unique_ptr<RowStream> Merge(std::shared_ptr<const columnar::Layout> layout,
                                 std::vector<std::unique_ptr<RowStream>> inputs, const MergeSettings& settings = {});

}  // namespace sleeper::rows
