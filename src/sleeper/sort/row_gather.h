#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sleeper/file/row_block.h"
#include "sleeper/sort/row_store.h"

namespace sleeper::sort {

/// Rows of a RowStore on their way into pages. Confined.
class RowGather final : public file::RowBlock {
 public:
  /// So many rows stay in a core's own cache while their columns are taken one after the other.
  static constexpr size_t kRowsMax = 1024;

  /// `rows` must outlive the block.
  explicit RowGather(const RowStore& rows) : rows_(rows) {}

  /// Replaces the block's rows. REQUIRES: entries.size() <= kRowsMax.
  void Load(std::span<const RowEntry> entries);

  int64_t rows() const override { return static_cast<int64_t>(count_); }
  std::string_view row_key(int64_t row) const override { return rows_.row_key(starts_[static_cast<size_t>(row)]); }
  void AppendTo(size_t column, int64_t begin, int64_t count, file::PageRows& page) override;

 private:
  using Rows = std::span<const uint8_t* const>;
  using Cursors = std::span<const uint8_t*>;

  const RowStore& rows_;
  size_t count_ = 0;
  /// Where each row begins, and where its next key field or, behind the key, its next string lies.
  std::array<const uint8_t*, kRowsMax> starts_;
  std::array<const uint8_t*, kRowsMax> cursors_;
};

}  // namespace sleeper::sort
