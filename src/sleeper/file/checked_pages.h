#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <parquet/column_reader.h>
#include <parquet/schema.h>

#include "sleeper/file/file_index.h"
#include "sleeper/file/page_fetch.h"
#include "sleeper/file/scan_plan.h"

namespace sleeper::file {

/// Hands libparquet the pages of one column of a scan. Page checksums do not cover the pages' headers, so that what
/// these say is compared with the index: a page must have the kind, the encoding and the number of rows that are
/// expected. Throws otherwise, through libparquet's own means. Confined.
class CheckedPages final : public parquet::PageReader {
 public:
  CheckedPages(std::unique_ptr<parquet::PageReader> pages, const parquet::ColumnDescriptor& descriptor,
               std::vector<LeafPages::Page> expected);

  std::shared_ptr<parquet::Page> NextPage() override;
  void set_max_page_header_size(uint32_t size) override { pages_->set_max_page_header_size(size); }

  /// Of the page that was handed out last: how many values (levels) and rows it has.
  int64_t page_values() const { return page_values_; }
  int64_t page_rows() const { return page_rows_; }

 private:
  Status Check(const parquet::Page& page);

  std::unique_ptr<parquet::PageReader> pages_;
  const parquet::ColumnDescriptor& descriptor_;
  std::vector<LeafPages::Page> expected_;
  size_t next_ = 0;
  int64_t page_values_ = 0;
  int64_t page_rows_ = 0;
};

/// Where a reader stands in a row group of which it sees some pages only. Value.
class RowCursor {
 public:
  RowCursor() = default;
  explicit RowCursor(std::vector<LeafPages::Page> pages) : pages_(std::move(pages)) {}

  /// Moves on to row `target` of the row group; returns how many rows of the pages have to be passed over for that.
  /// REQUIRES: target is not behind.
  int64_t MoveTo(int64_t target);

  /// Counts rows that were read.
  void Passed(int64_t rows) { row_ += rows; }

 private:
  std::vector<LeafPages::Page> pages_;
  size_t page_ = 0;
  int64_t row_ = 0;
};

/// A column of a scan's row group, ready to be decoded.
struct LeafSource {
  std::shared_ptr<parquet::ColumnReader> reader;
  /// Owned by `reader`.
  const CheckedPages* pages = nullptr;
  RowCursor cursor;
};

/// `pages` are those that `fetch` delivers for its leaf `fetch_leaf`. Throws what libparquet throws.
LeafSource OpenLeaf(std::shared_ptr<PageFetch> fetch, size_t fetch_leaf, LeafPages pages, const LeafIndex& index,
                    const parquet::ColumnDescriptor& descriptor);

}  // namespace sleeper::file
