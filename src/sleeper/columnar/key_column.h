#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sleeper/base/byte_prefix.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/flat_values.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/model/type.h"

namespace sleeper::columnar {

/// The values of a key field for some rows, without nulls. Value, pointing at memory of the caller.
struct KeyValues {
  model::TypeKind type = model::TypeKind::kInt;
  FlatValues values;
  /// Where the first of the rows stands in `values`.
  int64_t begin = 0;
};

/// The normalised keys (docs/formats/normalised-key.md) of a batch's rows: row keys, then sort keys. The order of the
/// bytes is the order of the rows, so whoever compares keys knows nothing of columns and types. Thread-compatible.
///
/// Memory is kept from one Encode to the next.
class KeyColumn {
 public:
  /// Replaces the content by the keys of `batch`. kInvalid if they take 2 GiB or more.
  /// REQUIRES: batch.layout().has_keys().
  Status Encode(const Batch& batch);

  /// The same with the row keys alone: key(i) is row_key(i). REQUIRES: batch.layout().has_row_keys().
  Status EncodeRowKeys(const Batch& batch);

  /// Replaces the content by the keys of `rows` rows whose key fields are given in order, row keys first.
  Status Encode(std::span<const KeyValues> fields, int row_keys, int64_t rows);

  int64_t rows() const { return rows_; }

  /// The row's whole key.
  std::string_view key(int64_t row) const {
    const size_t begin = BeginOf(row);
    return {bytes_.data() + begin, BeginOf(row + 1) - begin};
  }

  /// The part of it that the row keys make.
  std::string_view row_key(int64_t row) const { return {bytes_.data() + BeginOf(row), row_key_size(row)}; }
  size_t row_key_size(int64_t row) const {
    return row_key_sizes_.empty() ? BeginOf(row + 1) - BeginOf(row) - sort_keys_width_ : row_key_sizes_[row];
  }

  /// The 8 bytes of the key after its first `skip` ones, as a number that compares like them; bytes past the key's end
  /// count as zero. Of two keys with equal prefixes either may be the smaller. REQUIRES: skip <= key(row).size().
  uint64_t Prefix(int64_t row, size_t skip) const {
    const size_t begin = BeginOf(row) + skip;
    // Slack follows the last key.
    return BytePrefix(bytes_.data() + begin, BeginOf(row + 1) - begin);
  }

  /// The first row whose row key is not less than `key`, which may be a leading part; rows() if there is none.
  /// REQUIRES: the rows are in key order.
  int64_t LowerBound(std::string_view key) const;

  /// The row keys of the first and the last row. REQUIRES: the rows are in key order, and there are some.
  model::KeyBounds Bounds() const;

  /// The number of leading bytes that all keys share.
  size_t CommonPrefix() const;

  /// The memory that the keys take.
  int64_t bytes() const;

 private:
  /// Bytes after the last key that Prefix may read and Encode may write.
  static constexpr size_t kSlack = 16;

  struct Shape;
  Status EncodeColumns(const Batch& batch, std::span<const int> key_columns);
  Status EncodeShape(const Shape& shape, int row_keys, int64_t rows);
  size_t BeginOf(int64_t row) const { return ends_.empty() ? static_cast<size_t>(row) * width_ : ends_[row]; }

  int64_t rows_ = 0;
  /// All keys, one after the other, and slack.
  std::vector<char> bytes_;
  /// Where each key begins, and the end of the last one. Empty if all keys are `width_` bytes long.
  std::vector<uint32_t> ends_;
  size_t width_ = 0;
  /// Empty if the sort keys of all rows take `sort_keys_width_` bytes.
  std::vector<uint32_t> row_key_sizes_;
  size_t sort_keys_width_ = 0;
};

}  // namespace sleeper::columnar
