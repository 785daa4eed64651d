#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/sort/row_layout.h"

namespace sleeper::sort {

/// A row to be sorted: where it lies, and the bytes of its key that decide most comparisons. Value.
struct RowEntry {
  /// 8 bytes of the key as a number that compares like them; bytes past the key's end count as zero.
  uint64_t prefix = 0;
  /// Ascends in the order in which rows were added.
  uint64_t address = 0;
};

/// Rows of flat fields, each in one piece of memory: whoever takes them in another order meets one place of memory for
/// a row instead of one or two for each of its values, which is where the time of sorting large data goes. Confined;
/// while nothing is added, reading is Thread-safe.
class RowStore {
 public:
  /// Memory is taken in blocks of `block_bytes`, or of a row if that is larger.
  /// REQUIRES: layout->is_whole(), and file::CanGather(layout->schema()).
  RowStore(std::shared_ptr<const columnar::Layout> layout, int64_t block_bytes);

  /// Copies the rows of a batch. kInvalid if their keys take 2 GiB or more.
  Status Add(const columnar::Batch& batch);

  int64_t rows() const { return rows_; }

  /// The memory of the rows, without that of entries.
  int64_t bytes() const { return bytes_; }

  /// An entry for each row since the last call, in the order of Add.
  std::vector<std::vector<RowEntry>> TakeEntries() { return std::exchange(entries_, {}); }

  const RowLayout& row_layout() const { return row_layout_; }
  const std::shared_ptr<const columnar::Layout>& layout() const { return layout_; }

  /// The bytes of a row, of which 32 more may be read.
  const uint8_t* row(uint64_t address) const { return blocks_[address >> 32].get() + static_cast<uint32_t>(address); }

  std::string_view key(const uint8_t* row) const {
    uint32_t size = static_cast<uint32_t>(row_layout_.key_width());
    if (row_layout_.key_size_at() != RowLayout::kNone) {
      std::memcpy(&size, row + row_layout_.key_size_at(), sizeof size);
    }
    return {reinterpret_cast<const char*>(row) + row_layout_.key_begin(), size};
  }

  /// The part of it that the row keys make.
  std::string_view row_key(const uint8_t* row) const;

  /// Whether no value of this key field has a zero byte, which stands for itself in the key then.
  bool is_plain(size_t column) const { return !has_zeros_[column]; }

 private:
  /// Rows whose places are found first and filled column by column then.
  static constexpr int64_t kPartRows = 256;

  struct Part;
  void AddPart(const columnar::Batch& batch, int64_t begin, int64_t rows, std::vector<RowEntry>& entries);
  void AddColumn(const RowLayout::Column& column, const arrow::ArrayData& array, int64_t begin, int64_t rows,
                 Part& part);
  void AddBytes(const RowLayout::Column& column, const arrow::ArrayData& array, int64_t begin, int64_t rows,
                Part& part);
  void PlaceRows(const columnar::Batch& batch, int64_t begin, int64_t rows, Part& part);
  /// Room for a row of so many bytes.
  uint64_t Place(size_t bytes);
  void NoteZeros(const columnar::Batch& batch);

  std::shared_ptr<const columnar::Layout> layout_;
  RowLayout row_layout_;
  int64_t block_bytes_;

  std::vector<std::unique_ptr<uint8_t[]>> blocks_;
  /// Of the last block.
  size_t block_used_ = 0;
  size_t block_size_ = 0;
  std::vector<std::vector<RowEntry>> entries_;
  std::vector<bool> has_zeros_;
  int64_t rows_ = 0;
  int64_t bytes_ = 0;

  columnar::KeyColumn keys_;
};

}  // namespace sleeper::sort
