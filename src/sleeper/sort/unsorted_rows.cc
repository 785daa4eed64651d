#include "sleeper/sort/unsorted_rows.h"

#include <algorithm>
#include <utility>

#include "sleeper/sort/row_layout.h"
#include "sleeper/sort/row_store.h"
#include "sleeper/sort/sort_buffer.h"
#include "sleeper/sort/stored_rows.h"

namespace sleeper::sort {
namespace {

constexpr int64_t kBatchBytesMin = 4 << 10;
constexpr int64_t kBatchBytesMax = 1 << 20;

/// Rows of flat fields.
class FlatRows final : public UnsortedRows {
 public:
  FlatRows(std::shared_ptr<const columnar::Layout> layout, int64_t memory_bytes)
      : layout_(std::move(layout)), memory_bytes_(memory_bytes), store_(layout_, memory_bytes) {}

  Status Add(columnar::Batch batch) override { return store_.Add(std::move(batch)); }
  int64_t rows() const override { return store_.rows(); }
  int64_t bytes() const override { return store_.bytes(); }
  bool come_apart() const override { return true; }

  Result<std::unique_ptr<SortedRows>> Sort(Executor& executor) override {
    TRY(store_.Finish());
    return std::make_unique<StoredRows>(std::exchange(store_, RowStore(layout_, memory_bytes_)), executor);
  }

 private:
  std::shared_ptr<const columnar::Layout> layout_;
  int64_t memory_bytes_;
  RowStore store_;
};

}  // namespace

std::unique_ptr<UnsortedRows> UnsortedRows::Make(std::shared_ptr<const columnar::Layout> layout, int64_t memory_bytes) {
  if (RowLayout::CanHold(layout->schema())) return std::make_unique<FlatRows>(std::move(layout), memory_bytes);
  return std::make_unique<SortBuffer>(std::move(layout), std::clamp(memory_bytes / 64, kBatchBytesMin, kBatchBytesMax));
}

}  // namespace sleeper::sort
