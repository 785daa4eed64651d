#pragma once

#include <cstdint>

#include <arrow/array/data.h>

#include "sleeper/file/file_schema.h"
#include "sleeper/file/slack_array.h"

namespace sleeper::file {

/// The rows of one column that are to become a page, as a writer collects them. Plain arrays, so that whoever merges
/// can append to them value by value. Confined.
///
/// A slot is a row, or of repeated leaves an element. It takes its byte in `valid` if the leaf is nullable, and its
/// value in `fixed` (anything for a null), or its size in `sizes` (0 for a null) and its bytes in `bytes`.
struct PageRows {
  /// What a string adds to a page besides its bytes.
  static constexpr int64_t kSizeBytes = 4;

  explicit PageRows(const LeafShape& leaf_shape) : shape(leaf_shape) {}

  LeafShape shape;
  int64_t rows = 0;
  int64_t slots = 0;

  SlackArray<uint8_t> valid;
  SlackArray<uint8_t> fixed;
  SlackArray<int32_t> sizes;
  SlackArray<uint8_t> bytes;

  /// Of repeated leaves: the number of elements of each row, and, if there are null lists, a byte for each row.
  SlackArray<uint32_t> list_sizes;
  SlackArray<uint8_t> valid_rows;

  /// Appends the rows [begin, begin + count) of an array of the leaf's type. REQUIRES: the leaf is not repeated.
  void Append(const arrow::ArrayData& array, int64_t begin, int64_t count);

  /// Appends rows of `lists`, which are lists (or maps) of `elements`. REQUIRES: the leaf is repeated.
  void AppendLists(const arrow::ArrayData& lists, const arrow::ArrayData& elements, int64_t begin, int64_t count);

  void Clear();

  /// How many slots hold no value.
  int64_t nulls() const;

  /// The bytes of the values collected so far, and a few for each slot.
  int64_t value_bytes() const;

 private:
  void AppendSlots(const arrow::ArrayData& array, int64_t begin, int64_t count);
  void AppendBytes(const arrow::ArrayData& array, int64_t begin, int64_t count, bool nulls);
};

/// Where a page stood before rows were appended to it. Value.
struct PageMark {
  int64_t rows = 0;
  int64_t slots = 0;
  size_t bytes = 0;

  static PageMark Of(const PageRows& page) { return {page.rows, page.slots, page.bytes.size()}; }
};

/// How many of the `count` rows from `begin` on fit into `bytes_max` more bytes, and one more, so that it is never
/// none.
int64_t RowsWithin(const LeafShape& shape, const arrow::ArrayData& array, int64_t begin, int64_t count,
                   int64_t bytes_max);
int64_t ListsWithin(const LeafShape& shape, const arrow::ArrayData& lists, const arrow::ArrayData& elements,
                    int64_t begin, int64_t count, int64_t bytes_max);

}  // namespace sleeper::file
