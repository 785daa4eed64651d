#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/model/key_query.h"
#include "sleeper/model/partition_map.h"
#include "sleeper/query/query_request.h"
#include "sleeper/state/table_state.h"

namespace sleeper::query {

/// Neighbouring intervals whose rows have to pass the same check. Value.
struct PlannedSegment {
  /// Sorted, disjoint, inside the partition.
  std::vector<model::KeyInterval> intervals;
  /// The regions of the request, one of which must contain a row; empty: every row is wanted.
  std::vector<uint32_t> residual;
};

/// What is read of one partition. Value.
struct PlannedPartition {
  model::Partition partition;
  /// In key order.
  std::vector<PlannedSegment> segments;
  /// The references with rows, as far as bounds tell, in any of the segments' intervals.
  std::vector<state::ReferencedFile> files;
};

/// What is read of a table, in key order. Only partitions that have files. Value.
struct QueryPlan {
  model::LogNumber number = 0;
  std::vector<PlannedPartition> partitions;
};

/// Finds the partitions, intervals and files that a request needs. Pure: no file is looked at.
QueryPlan PlanQuery(const state::TableState& state, const QueryRequest& request);

/// The intervals of `segment` that lie in a reference and in its file's bounds.
std::vector<model::KeyInterval> IntervalsIn(const state::ReferencedFile& file,
                                            const std::vector<model::KeyInterval>& intervals);

}  // namespace sleeper::query
