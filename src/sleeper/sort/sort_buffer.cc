#include "sleeper/sort/sort_buffer.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "sleeper/columnar/gather.h"
#include "sleeper/columnar/sort_order.h"
#include "sleeper/sort/batch_rows.h"

namespace sleeper::sort {
namespace {

/// Gathers the rows of batches in key order, a batch at a time.
class OrderedStream final : public rows::RowStream {
 public:
  OrderedStream(std::shared_ptr<const columnar::Layout> layout, std::vector<columnar::Batch> batches,
                std::vector<columnar::KeyColumn> keys, int64_t batch_bytes_max)
      : layout_(std::move(layout)),
        batches_(std::move(batches)),
        keys_(std::move(keys)),
        batch_bytes_max_(batch_bytes_max),
        gather_(layout_) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }

  Result<std::optional<columnar::Batch>> Next() override {
    if (!keys_.empty()) order_ = columnar::SortOrder(std::exchange(keys_, {}));
    while (next_ < order_.size() && gather_.rows() < kRowsMax && gather_.bytes() < batch_bytes_max_) {
      const auto room = static_cast<size_t>(std::min(StepRows(), kRowsMax - gather_.rows()));
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
  static constexpr int64_t kRowsMax = 8192;

  /// Rows that will about fill what is left of a batch: every step costs a look at all the batches.
  int64_t StepRows() const { return std::max<int64_t>(1, (batch_bytes_max_ - gather_.bytes()) / row_bytes_); }

  std::shared_ptr<const columnar::Layout> layout_;
  std::vector<columnar::Batch> batches_;
  /// Until they are sorted.
  std::vector<columnar::KeyColumn> keys_;
  std::vector<columnar::RowAddress> order_;
  int64_t batch_bytes_max_;
  columnar::Gather gather_;
  size_t next_ = 0;
  /// The size of a row, going by those gathered last.
  int64_t row_bytes_ = 8 << 10;
};

}  // namespace

Status SortBuffer::Add(columnar::Batch batch) {
  if (batch.rows() == 0) return Status::OK();
  columnar::KeyColumn keys;
  TRY(keys.Encode(batch));
  rows_ += batch.rows();
  bytes_ += batch.bytes() + keys.bytes() + batch.rows() * columnar::kSortOrderBytesPerRow;
  batches_.push_back(std::move(batch));
  keys_.push_back(std::move(keys));
  return Status::OK();
}

Result<std::unique_ptr<SortedRows>> SortBuffer::Sort(Executor& /*executor*/) {
  auto stream = std::make_unique<OrderedStream>(layout_, std::move(batches_), std::move(keys_), batch_bytes_max_);
  const int64_t bytes = bytes_;
  *this = SortBuffer(layout_, batch_bytes_max_);
  return std::make_unique<BatchRows>(std::move(stream), bytes);
}

}  // namespace sleeper::sort
