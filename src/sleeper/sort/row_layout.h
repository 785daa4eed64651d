#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "sleeper/model/schema.h"

namespace sleeper::sort {

/// How the bytes of a row are laid out while it waits to be sorted. Immutable.
///
///   sizes   4 bytes each: of the key, if keys differ in size, and of every string or bytes
///   valid   a byte for each nullable field
///   fixed   the values of fixed size that are not part of the key, in their machine form
///   key     normalised (docs/formats/normalised-key.md); the values of the key are in no other place
///   bytes   the strings and bytes that are not part of the key
///
/// All but the key's own fields and the bytes lie at the same place in every row.
class RowLayout {
 public:
  static constexpr size_t kNone = SIZE_MAX;

  struct Column {
    /// 1, 4 or 8; 0 for strings and bytes.
    size_t width = 0;
    bool is_key = false;
    /// Where the row has its value or, if width is 0, its size; kNone for fixed values of keys.
    size_t at = kNone;
    /// Where the row says whether there is a value; kNone if there always is.
    size_t valid_at = kNone;
  };

  /// Whether there is a layout for the rows of a table: not if it has lists or maps.
  static bool CanHold(const model::Schema& schema);

  /// REQUIRES: CanHold(schema).
  explicit RowLayout(const model::Schema& schema);

  const std::vector<Column>& columns() const { return columns_; }
  size_t row_keys() const { return row_keys_; }

  /// Where the size of the key stands; kNone if all keys have key_width() bytes.
  size_t key_size_at() const { return key_size_at_; }
  size_t key_width() const { return key_width_; }

  /// Where the key begins, which is the size of all that is in front of it.
  size_t key_begin() const { return key_begin_; }

  /// The size of a row whose key has so many bytes.
  size_t SizeOf(const uint8_t* row, size_t key_size) const {
    size_t size = key_begin_ + key_size;
    for (const size_t at : tail_sizes_at_) {
      uint32_t tail;
      std::memcpy(&tail, row + at, sizeof tail);
      size += tail;
    }
    return size;
  }

 private:
  std::vector<Column> columns_;
  size_t row_keys_;
  size_t key_size_at_ = kNone;
  size_t key_width_ = 0;
  size_t key_begin_ = 0;
  /// Where the sizes of the strings behind the key stand.
  std::vector<size_t> tail_sizes_at_;
};

}  // namespace sleeper::sort
