#include "sleeper/file/checked_pages.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <arrow/util/compression.h>
#include <parquet/column_page.h>
#include <parquet/exception.h>
#include <parquet/properties.h>

namespace sleeper::file {
namespace {

bool IsEncodingOf(parquet::Type::type type, parquet::Encoding::type encoding) {
  switch (encoding) {
    case parquet::Encoding::PLAIN:
      return true;
    case parquet::Encoding::RLE_DICTIONARY:
    case parquet::Encoding::PLAIN_DICTIONARY:
      return type != parquet::Type::BOOLEAN;
    case parquet::Encoding::DELTA_BINARY_PACKED:
      return type == parquet::Type::INT32 || type == parquet::Type::INT64;
    case parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY:
    case parquet::Encoding::DELTA_BYTE_ARRAY:
      return type == parquet::Type::BYTE_ARRAY;
    case parquet::Encoding::RLE:
      return type == parquet::Type::BOOLEAN;
    default:
      return false;
  }
}

}  // namespace

CheckedPages::CheckedPages(std::unique_ptr<parquet::PageReader> pages, const parquet::ColumnDescriptor& descriptor,
                           std::vector<LeafPages::Page> expected)
    : pages_(std::move(pages)), descriptor_(descriptor), expected_(std::move(expected)) {}

Status CheckedPages::Check(const parquet::Page& page) {
  if (page.type() == parquet::PageType::DICTIONARY_PAGE) {
    if (next_ == 0) return Status::OK();
    return Error(ErrorKind::kCorrupt, "a dictionary stands among the pages");
  }
  if (page.type() != parquet::PageType::DATA_PAGE_V2) return Error(ErrorKind::kCorrupt, "a page is of another kind");
  if (next_ == expected_.size()) return Error(ErrorKind::kCorrupt, "there are more pages than the index says");
  const auto& data = static_cast<const parquet::DataPageV2&>(page);
  const LeafPages::Page& expected = expected_[next_++];
  const bool flat = descriptor_.max_repetition_level() == 0;
  const int64_t nulls = data.num_nulls();
  if (data.num_rows() != expected.rows || data.num_values() < expected.rows || nulls < 0 || nulls > data.num_values() ||
      (flat && data.num_values() != expected.rows) || (descriptor_.max_definition_level() == 0 && nulls != 0)) {
    return Error(ErrorKind::kCorrupt, "a page's header and the index differ: ", data.num_rows(), " rows, expected ",
                 expected.rows);
  }
  if (!IsEncodingOf(descriptor_.physical_type(), data.encoding())) {
    return Error(ErrorKind::kCorrupt,
                 "a page has an encoding that its type does not have: ", parquet::EncodingToString(data.encoding()));
  }
  page_values_ = data.num_values();
  page_rows_ = expected.rows;
  return Status::OK();
}

std::shared_ptr<parquet::Page> CheckedPages::NextPage() {
  std::shared_ptr<parquet::Page> page = pages_->NextPage();
  parquet::ThrowNotOk([&] {
    if (page != nullptr) return Check(*page);
    if (next_ == expected_.size()) return Status::OK();
    return Error(ErrorKind::kCorrupt, "the pages end too early: ", next_, " of ", expected_.size());
  });
  return page;
}

int64_t RowCursor::MoveTo(int64_t target) {
  int64_t passed = 0;
  while (page_ < pages_.size()) {
    const LeafPages::Page& page = pages_[page_];
    const int64_t from = std::max(row_, page.first_row);
    const int64_t to = std::min(target, page.first_row + page.rows);
    if (to > from) passed += to - from;
    if (page.first_row + page.rows > target) break;
    ++page_;
  }
  row_ = target;
  return passed;
}

LeafSource OpenLeaf(std::shared_ptr<PageFetch> fetch, size_t fetch_leaf, LeafPages pages, const LeafIndex& index,
                    const parquet::ColumnDescriptor& descriptor) {
  parquet::ReaderProperties properties;
  properties.set_page_checksum_verification(true);
  // The stream holds the wanted pages only, so that their end is its end, and no count of values ends them before.
  auto opened = parquet::PageReader::Open(std::make_shared<PageStream>(std::move(fetch), fetch_leaf),
                                          std::numeric_limits<int64_t>::max(), index.codec, properties, descriptor);
  LeafSource source;
  source.cursor = RowCursor(pages.pages);
  auto checked = std::make_unique<CheckedPages>(std::move(opened), descriptor, std::move(pages.pages));
  source.pages = checked.get();
  source.reader = parquet::ColumnReader::Make(&descriptor, std::move(checked));
  return source;
}

}  // namespace sleeper::file
