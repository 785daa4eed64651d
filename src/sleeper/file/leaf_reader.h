#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "sleeper/base/status.h"
#include "sleeper/file/column_page.h"
#include "sleeper/file/page_fetch.h"
#include "sleeper/file/scan_plan.h"

namespace sleeper::file {

/// What a LeafReader reads.
struct LeafSource {
  std::shared_ptr<PageFetch> fetch;
  /// The leaf's number there.
  size_t fetch_leaf = 0;
  /// What the fetch delivers, and what the index says of it.
  LeafPages pages;
  Codec codec = Codec::kNone;
  LeafShape shape;
  /// A page that promises to be larger is taken for damaged.
  int64_t page_bytes_max = kPageBytesMax;
};

/// Decodes those pages of one column of a row group that a scan reads, one after the other. Nothing is believed: each
/// page must have the checksum, the version and the number of rows that are expected. Confined.
class LeafReader {
 public:
  /// `decoder` is shared by the columns of a scan.
  LeafReader(LeafSource source, std::shared_ptr<PageDecoder> decoder)
      : source_(std::move(source)), decoder_(std::move(decoder)) {}

  /// Goes on with the pages of another row group of the same column.
  void Restart(LeafSource source) {
    source_ = std::move(source);
    dictionary_ = nullptr;
    next_ = 0;
    begin_ = end_ = 0;
  }

  /// The page that holds the row `row` of the row group, going by the index. REQUIRES: as for Read.
  const LeafPages::Page& PageOf(int64_t row) const;

  /// Some rows of a page.
  struct Rows {
    const ColumnPage* page = nullptr;
    int64_t begin = 0;
    int64_t count = 0;
  };

  /// The row `row` of the row group and those behind it in its page, at most `count_max`; they live until the next
  /// call. kCorrupt if a page is not what the index says. REQUIRES: rows are asked for in ascending order, and are in
  /// the pages that were fetched.
  Result<Rows> Read(int64_t row, int64_t count_max);

 private:
  Status LoadNext();
  /// Leaves out the next page, which holds no wanted row.
  Status PassOver();
  Status LoadDictionary();
  /// Takes the next page's bytes, parses its header and checks its checksum.
  struct Taken {
    PageHeader header;
    Buffer bytes;
    int64_t header_bytes = 0;

    std::span<const uint8_t> body() const { return bytes.span().subspan(static_cast<size_t>(header_bytes)); }
  };
  Result<Taken> Take(int64_t size);

  LeafSource source_;
  std::shared_ptr<PageDecoder> decoder_;
  std::shared_ptr<const ColumnPage> dictionary_;
  ColumnPage page_;
  /// The next page that is not loaded.
  size_t next_ = 0;
  /// The rows of the row group that page_ holds.
  int64_t begin_ = 0;
  int64_t end_ = 0;
};

}  // namespace sleeper::file
