#pragma once

#include <optional>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/model/partition_map.h"

namespace sleeper::ingest {

/// Cuts sorted rows where a partition ends and another one begins. Confined.
class LeafCutter {
 public:
  explicit LeafCutter(model::PartitionMap partitions) : partitions_(std::move(partitions)) {}

  /// Rows of one partition.
  struct Piece {
    columnar::Batch rows;
    model::Partition leaf;
  };

  /// The pieces of `batch`, in its order, without copying rows. Only batches that reach over a bound have all their
  /// keys looked at. REQUIRES: its rows are in key order, and behind those of the batches before.
  Result<std::vector<Piece>> Cut(const columnar::Batch& batch);

 private:
  Result<bool> LiesInPresentLeaf(const columnar::Batch& batch);

  model::PartitionMap partitions_;
  std::optional<model::Partition> leaf_;
  columnar::KeyColumn keys_;
};

}  // namespace sleeper::ingest
