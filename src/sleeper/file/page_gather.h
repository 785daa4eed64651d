#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "sleeper/base/status.h"
#include "sleeper/file/page_input.h"
#include "sleeper/file/page_rows.h"
#include "sleeper/rows/merge_plan.h"

namespace sleeper::file {

/// Copies the values of one column from the pages of several inputs into a page that is being made, in the order that a
/// merge has planned. Knows no order and no keys. Of a repeated leaf, all elements of a row are copied together.
/// Confined.
///
/// Each value is copied once, from where its page was decompressed to.
class PageGather {
 public:
  /// Starts a column: rows are taken from where each input stands.
  void Start(size_t leaf, std::span<PageInput* const> inputs);

  /// Appends the next row of inputs[sources[i]] for each i, and returns how many. They are fewer than there are sources
  /// only if the page is full then: a long value or list that makes it take `bytes_max` or more is the last one.
  Result<int64_t> AppendInterleaved(std::span<const uint8_t> sources, int64_t bytes_max, PageRows& out);

  /// Appends the next `rows` rows of one input, in the same way.
  Result<int64_t> AppendRun(size_t input, int64_t rows, int64_t bytes_max, PageRows& out);

 private:
  /// The rest of an input's page, in rows. Its arrays are read at `next`, or, of repeated leaves, at the slots that
  /// Lists names.
  struct Cursor {
    const uint8_t* fixed = nullptr;
    const ByteView* views = nullptr;
    const uint8_t* bytes = nullptr;
    /// Read at next & valid_mask: pages without nulls share one byte.
    const uint8_t* valid = nullptr;
    uint32_t valid_mask = 0;
    uint32_t next = 0;
    uint32_t end = 0;
  };

  /// Of repeated leaves: the slots of each row of the page, and whether it is null, read at row & valid_mask.
  struct Lists {
    const uint32_t* offsets = nullptr;
    const uint8_t* valid = nullptr;
    uint32_t valid_mask = 0;
  };

  /// A step of a plan is gathered in parts of so many rows, whose sources stay in the first-level cache.
  static constexpr size_t kPartRows = 512;

  Status Refill(size_t input);
  /// How many of the sources can be taken from the pages at hand; fills up those that have run out. At least one.
  Result<size_t> Available(std::span<const uint8_t> sources);
  /// These append rows of the pages at hand, and return how many: fewer only if the page is full then.
  size_t Append(std::span<const uint8_t> sources, int64_t bytes_max, PageRows& out);
  size_t AppendFlat(std::span<const uint8_t> sources, int64_t bytes_max, PageRows& out);
  template <typename Value>
  void AppendFixed(std::span<const uint8_t> sources, PageRows& out);
  size_t AppendBytes(std::span<const uint8_t> sources, int64_t bytes_max, PageRows& out);
  void AppendValidity(std::span<const uint8_t> sources, PageRows& out) const;
  size_t AppendLists(std::span<const uint8_t> sources, int64_t bytes_max, PageRows& out);

  /// How many of an input's next `rows` rows, which its page has, go into the page.
  size_t RunRows(size_t input, size_t rows, int64_t bytes_max, const PageRows& out) const;
  void AppendRunLists(size_t input, size_t rows, PageRows& out) const;
  static void AppendSlots(const Cursor& cursor, size_t begin, size_t count, PageRows& out);
  static void AppendSlotBytes(const Cursor& cursor, size_t begin, size_t count, PageRows& out);

  size_t leaf_ = 0;
  std::span<PageInput* const> inputs_;
  std::array<Cursor, rows::MergePlan::kInputsMax> cursors_;
  std::array<Lists, rows::MergePlan::kInputsMax> lists_;
  /// Rows of an input's window that were taken for this column.
  std::array<int64_t, rows::MergePlan::kInputsMax> rows_taken_ = {};
  /// Whether every input's page reaches to the end of its window, so that none runs out within a step.
  bool aligned_ = false;
};

}  // namespace sleeper::file
