#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <arrow/type_fwd.h>

#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/sort/row_layout.h"

namespace sleeper::sort {

/// Builds rows in one piece each (RowLayout) out of the columns of a batch. Confined.
///
/// Row by row, because rows that follow one another lie in different places: each place is met once, instead of once
/// for each column. And because a short value can be copied in blocks then: what is written behind it is overwritten by
/// what belongs there. So of rows that lie side by side, the one in front has to be built first.
class RowBuilder {
 public:
  /// So many rows are looked at before they are built.
  static constexpr int64_t kRowsMax = 256;
  /// So many bytes behind a row may be written.
  static constexpr size_t kSlack = 32;

  /// `layout`, `batch` and `keys`, which are those of the batch, must outlive the builder.
  RowBuilder(const RowLayout& layout, const columnar::Batch& batch, const columnar::KeyColumn& keys);

  /// Turns to the rows [begin, begin + count) of the batch. REQUIRES: count <= kRowsMax.
  void Load(int64_t begin, int64_t count);

  /// The size of a row, counted from the first one loaded.
  size_t size(int64_t row) const { return sizes_[static_cast<size_t>(row)]; }

  /// Writes the row.
  void Build(int64_t row, uint8_t* to) const;

 private:
  struct Validity {
    size_t at;
    /// Null if all values are there.
    const uint8_t* bits;
    int64_t offset;
  };
  struct Fixed {
    size_t at;
    const uint8_t* values;
  };
  struct Booleans {
    size_t at;
    const uint8_t* bits;
    int64_t offset;
  };
  struct Sizes {
    size_t at;
    const int32_t* offsets;
  };
  struct Bytes {
    size_t at;
    const int32_t* offsets;
    const uint8_t* data;
    /// Values that begin at or before this may be read in blocks.
    int64_t block_begin_max;
    /// Which of valid_; kNone if no value can be null.
    size_t validity;
  };

  template <typename T>
  using OfRows = std::array<T, kRowsMax>;

  void AddColumn(const RowLayout::Column& column, const arrow::ArrayData& array);
  void LoadValidity(const Validity& column, int64_t count, OfRows<uint8_t>& valid) const;
  void LoadSizes(const Bytes& column, int64_t count, OfRows<int32_t>& sizes) const;

  const RowLayout& layout_;
  const columnar::KeyColumn& keys_;
  std::vector<Validity> validity_;
  std::vector<Fixed> words_;
  std::vector<Fixed> half_words_;
  std::vector<Booleans> booleans_;
  std::vector<Sizes> key_sizes_;
  std::vector<Bytes> bytes_;

  int64_t begin_ = 0;
  /// Of the rows that are loaded: their sizes, whether nullable fields have a value, and the sizes of strings.
  OfRows<size_t> sizes_;
  std::vector<OfRows<uint8_t>> valid_;
  std::vector<OfRows<int32_t>> byte_sizes_;
};

}  // namespace sleeper::sort
