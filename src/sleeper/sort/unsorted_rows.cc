#include "sleeper/sort/unsorted_rows.h"

#include <utility>

#include "sleeper/sort/row_store.h"
#include "sleeper/sort/sort_buffer.h"
#include "sleeper/sort/sort_entries.h"
#include "sleeper/sort/stored_rows.h"

namespace sleeper::sort {
namespace {

/// Rows of flat fields.
class FlatRows final : public UnsortedRows {
 public:
  FlatRows(std::shared_ptr<const columnar::Layout> layout, int64_t block_bytes)
      : block_bytes_(block_bytes), store_(std::move(layout), block_bytes) {}

  Status Add(columnar::Batch batch) override { return store_.Add(batch); }
  int64_t rows() const override { return store_.rows(); }
  int64_t bytes() const override { return store_.bytes() + store_.rows() * kEntryBytesPerRow; }

  Result<std::unique_ptr<SortedRows>> Sort(Executor& executor) override {
    RowStore full = std::exchange(store_, RowStore(store_.layout(), block_bytes_));
    TRY_ASSIGN(std::vector<RowEntry> entries, SortEntries(full.TakeEntries(), full, executor));
    return std::make_unique<StoredRows>(std::move(full), std::move(entries));
  }

 private:
  int64_t block_bytes_;
  RowStore store_;
};

}  // namespace

std::unique_ptr<UnsortedRows> UnsortedRows::Make(std::shared_ptr<const columnar::Layout> layout, int64_t block_bytes) {
  if (file::CanGather(layout->schema())) return std::make_unique<FlatRows>(std::move(layout), block_bytes);
  return std::make_unique<SortBuffer>(std::move(layout), block_bytes);
}

}  // namespace sleeper::sort
