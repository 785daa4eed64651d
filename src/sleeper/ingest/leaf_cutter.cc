#include "sleeper/ingest/leaf_cutter.h"

namespace sleeper::ingest {

Result<std::vector<LeafCutter::Piece>> LeafCutter::Cut(const columnar::Batch& batch) {
  std::vector<Piece> pieces;
  if (batch.rows() == 0) return pieces;
  TRY_ASSIGN(const bool inside, LiesInPresentLeaf(batch));
  if (inside) {
    pieces.push_back({batch, *leaf_});
    return pieces;
  }
  TRY(keys_.Encode(batch));
  for (int64_t begin = 0; begin < batch.rows();) {
    if (!leaf_ || !leaf_->interval.Contains(keys_.row_key(begin))) leaf_ = partitions_.Find(keys_.row_key(begin));
    const int64_t end = leaf_->interval.upper ? keys_.LowerBound(*leaf_->interval.upper) : batch.rows();
    pieces.push_back({batch.Slice(begin, end - begin), *leaf_});
    begin = end;
  }
  return pieces;
}

Result<bool> LeafCutter::LiesInPresentLeaf(const columnar::Batch& batch) {
  if (!leaf_) return false;
  if (!leaf_->interval.upper) return true;
  TRY(keys_.Encode(batch.Slice(batch.rows() - 1, 1)));
  return keys_.row_key(0) < *leaf_->interval.upper;
}

}  // namespace sleeper::ingest
