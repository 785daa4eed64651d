#include "sleeper/sort/sort_buffer.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "sleeper/columnar/gather.h"
#include "sleeper/columnar/sort_order.h"

namespace sleeper::sort {
namespace {

/// Gathers the rows of batches in a given order, a batch at a time.
class OrderedStream final : public rows::RowStream {
 public:
  OrderedStream(std::shared_ptr<const columnar::Layout> layout, std::vector<columnar::Batch> batches,
                std::vector<columnar::RowAddress> order, const RunBatchBounds& bounds)
      : layout_(std::move(layout)),
        batches_(std::move(batches)),
        order_(std::move(order)),
        bounds_(bounds),
        gather_(layout_) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }

  Result<std::optional<columnar::Batch>> Next() override {
    while (next_ < order_.size() && gather_.rows() < bounds_.rows_max && gather_.bytes() < bounds_.bytes_max) {
      const auto room = static_cast<size_t>(std::min(StepRows(), bounds_.rows_max - gather_.rows()));
      const auto rows = std::span(order_).subspan(next_, std::min(room, order_.size() - next_));
      TRY(gather_.AppendRows(batches_, rows));
      next_ += rows.size();
      row_bytes_ = gather_.bytes() / gather_.rows() + 1;
    }
    if (gather_.rows() == 0) return std::nullopt;
    TRY_ASSIGN(columnar::Batch batch, gather_.Finish());
    return std::optional(std::move(batch));
  }

 private:
  /// Rows that will about fill what is left of a batch: every step costs a look at all the batches.
  int64_t StepRows() const { return std::max<int64_t>(1, (bounds_.bytes_max - gather_.bytes()) / row_bytes_); }

  std::shared_ptr<const columnar::Layout> layout_;
  std::vector<columnar::Batch> batches_;
  std::vector<columnar::RowAddress> order_;
  RunBatchBounds bounds_;
  columnar::Gather gather_;
  size_t next_ = 0;
  /// The size of a row, going by those gathered last.
  int64_t row_bytes_ = 8 << 10;
};

/// Slices of batches that keep the bounds.
std::vector<columnar::Batch> CutToBounds(std::span<const columnar::Batch> batches, const RunBatchBounds& bounds) {
  std::vector<columnar::Batch> pieces;
  for (const columnar::Batch& batch : batches) {
    const int64_t row_bytes = batch.bytes() / batch.rows() + 1;
    const int64_t rows_max = std::clamp<int64_t>(bounds.bytes_max / row_bytes, 1, bounds.rows_max);
    for (int64_t begin = 0; begin < batch.rows(); begin += rows_max) {
      pieces.push_back(batch.Slice(begin, std::min(rows_max, batch.rows() - begin)));
    }
  }
  return pieces;
}

}  // namespace

Status SortBuffer::Add(columnar::Batch batch) {
  if (batch.rows() == 0) return Status::OK();
  columnar::KeyColumn keys;
  TRY(keys.Encode(batch));
  if (rows_ == 0) first_key_ = keys.key(0);
  sorted_ = sorted_ && (rows_ == 0 || keys.key(0) >= last_key_) && columnar::FirstOutOfOrder(keys) < 0;
  last_key_ = keys.key(batch.rows() - 1);
  rows_ += batch.rows();
  bytes_ += batch.bytes() + keys.bytes() + batch.rows() * columnar::kSortOrderBytesPerRow;
  batches_.push_back(std::move(batch));
  keys_.push_back(std::move(keys));
  return Status::OK();
}

std::unique_ptr<rows::RowStream> SortBuffer::Sort(const RunBatchBounds& bounds) {
  std::unique_ptr<rows::RowStream> stream;
  if (sorted_) {
    stream = std::make_unique<rows::VectorStream>(layout_, CutToBounds(batches_, bounds));
  } else {
    std::vector<columnar::RowAddress> order = columnar::SortOrder(keys_);
    stream = std::make_unique<OrderedStream>(layout_, std::move(batches_), std::move(order), bounds);
  }
  *this = SortBuffer(layout_);
  return stream;
}

}  // namespace sleeper::sort
