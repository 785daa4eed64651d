#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "sleeper/base/status.h"
#include "sleeper/columnar/row_filter.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/rows/read_ahead.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::rows {

/// The rows of `input` inside at least one of `regions`.
Result<std::unique_ptr<RowStream>> FilterRegions(std::unique_ptr<RowStream> input,
                                                 std::span<const model::Region> regions);

/// The rows whose row key lies in `interval`; ends without reading further once it is passed.
/// REQUIRES: the input has its keys and is in key order.
std::unique_ptr<RowStream> Restrict(std::unique_ptr<RowStream> input, model::KeyInterval interval);

/// The columns of `layout`, which are some of the input's.
std::unique_ptr<RowStream> Project(std::unique_ptr<RowStream> input, std::shared_ptr<const columnar::Layout> layout);

/// The first `rows_max` rows; does not ask the input for more than they need.
std::unique_ptr<RowStream> Limit(std::unique_ptr<RowStream> input, int64_t rows_max);

}  // namespace sleeper::rows
