#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// What is read of one partition, or of a stretch of it if it has very many intervals. Value.
struct PlannedPartition {
  model::Partition partition;
  /// In key order.
  std::vector<PlannedSegment> segments;
  /// The references with rows, as far as bounds tell, in any of the segments' intervals. At least one.
  std::vector<state::ReferencedFile> files;

  /// True if rows of any segment have to be checked.
  bool has_residual() const;
};

/// What is read of a table for a request: the partitions, intervals and files, one partition after the other in key
/// order, and only those that have files with wanted rows. Pure: no file is looked at. Made as it is asked for, so that
/// a scan of a table of any size takes little memory. Confined.
class QueryPlan {
 public:
  /// Intervals of one planned partition at the most, so that a batch of many keys is read in stretches.
  static constexpr size_t kIntervalsMax = 8'192;

  /// Of the wanted rows, those whose key is not below `from`.
  QueryPlan(state::TableStatePtr state, const QueryRequest& request, const model::NormalisedKey& from = {});

  const state::TableState& state() const { return *state_; }

  /// The next one; nothing at the end.
  std::optional<PlannedPartition> Next();

 private:
  /// Takes the wanted parts in the leaf that holds the next one. REQUIRES: there is one.
  PlannedPartition TakeLeaf();

  const state::TableStatePtr state_;
  const model::Cover cover_;
  /// The part that is to be planned next, and the key from where on it is.
  size_t next_part_ = 0;
  model::NormalisedKey from_;
};

/// The intervals of `intervals` that lie in a reference and in its file's bounds.
std::vector<model::KeyInterval> IntervalsIn(const state::ReferencedFile& file,
                                            const std::vector<model::KeyInterval>& intervals);

/// The same for all segments of a planned partition.
std::vector<model::KeyInterval> IntervalsIn(const state::ReferencedFile& file,
                                            const std::vector<PlannedSegment>& segments);

}  // namespace sleeper::query
