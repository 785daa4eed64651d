#include "sleeper/rows/row_stream.h"

namespace sleeper::rows {

Result<std::optional<columnar::Batch>> VectorStream::Next() {
  while (next_ < batches_.size()) {
    columnar::Batch& batch = batches_[next_++];
    if (batch.rows() > 0) return std::optional(std::move(batch));
  }
  return std::nullopt;
}

Result<std::vector<columnar::Batch>> Collect(RowStream& stream) {
  std::vector<columnar::Batch> batches;
  for (;;) {
    TRY_ASSIGN(std::optional<columnar::Batch> batch, stream.Next());
    if (!batch) return batches;
    batches.push_back(std::move(*batch));
  }
}

}  // namespace sleeper::rows
