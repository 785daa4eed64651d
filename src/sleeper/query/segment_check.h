#pragma once

#include <memory>
#include <vector>

#include "sleeper/model/region.h"
#include "sleeper/query/plan_query.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::query {

/// The rows of `input` that pass the check of the segment that they lie in. One pass over all segments of a partition,
/// so that its files are read once and together.
///
/// REQUIRES: the input is in key order, has its row keys, and all its rows lie in intervals of the segments. `segments`
/// and `regions` must outlive the stream.
std::unique_ptr<rows::RowStream> CheckSegments(std::unique_ptr<rows::RowStream> input,
                                               const std::vector<PlannedSegment>& segments,
                                               const std::vector<model::Region>& regions);

}  // namespace sleeper::query
