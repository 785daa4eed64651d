#include "sleeper/file/leaf_reader.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/file/page_check.h"

namespace sleeper::file {
namespace {

/// Whatever is wrong with a page, its file is corrupt: we have written it.
Status AsCorrupt(const Status& status) {
  return !status.ok() && KindOf(status) == ErrorKind::kInvalid ? WithKind(status, ErrorKind::kCorrupt) : status;
}

}  // namespace

Result<LeafReader::Taken> LeafReader::Take(int64_t size) {
  TRY_ASSIGN(const Buffer front, source_.fetch->Front(source_.fetch_leaf));
  SLEEPER_CHECK(front.size() >= size, "a page was not fetched");
  Taken taken{.bytes = front.Slice({0, size})};
  source_.fetch->Take(source_.fetch_leaf, size);
  TRY_ASSIGN(const ParsedPageHeader parsed, CheckPage(taken.bytes.span()));
  taken.header = parsed.header;
  taken.header_bytes = parsed.bytes;
  return taken;
}

Status LeafReader::LoadDictionary() {
  TRY_ASSIGN(const Taken taken, Take(source_.pages.dictionary.size));
  if (taken.header.type != PageType::kDictionary) return Error(ErrorKind::kCorrupt, "a dictionary is not one");
  // A dictionary has no levels.
  LeafShape shape{.type = source_.shape.type};
  auto dictionary = std::make_shared<ColumnPage>();
  TRY(AsCorrupt(dictionary->Load({.shape = &shape,
                                  .codec = source_.codec,
                                  .header = &taken.header,
                                  .body = taken.body(),
                                  .bytes_max = source_.page_bytes_max},
                                 *decoder_)));
  dictionary_ = std::move(dictionary);
  return Status::OK();
}

Status LeafReader::PassOver() {
  // The page's bytes come with the fetch, which may have to ask for them.
  TRY(source_.fetch->Front(source_.fetch_leaf).status());
  source_.fetch->Take(source_.fetch_leaf, source_.pages.pages[next_++].bytes.size);
  return Status::OK();
}

Status LeafReader::LoadNext() {
  const LeafPages::Page& expected = source_.pages.pages[next_++];
  TRY_ASSIGN(const Taken taken, Take(expected.bytes.size));
  if (taken.header.type != PageType::kDataV2) return Error(ErrorKind::kCorrupt, "a page is of another kind");
  if (taken.header.rows != expected.rows) {
    return Error(ErrorKind::kCorrupt, "a page's header and the index differ: ", taken.header.rows, " rows, expected ",
                 expected.rows);
  }
  // The checksum does not cover the header, and other encodings may read the same bytes as other values.
  if ((source_.pages.encodings & SetOf(taken.header.encoding)) == 0) {
    return Error(ErrorKind::kCorrupt, "a page's header and the footer differ in its encoding");
  }
  TRY(AsCorrupt(page_.Load({.shape = &source_.shape,
                            .codec = source_.codec,
                            .header = &taken.header,
                            .body = taken.body(),
                            .dictionary = dictionary_,
                            .bytes_max = source_.page_bytes_max},
                           *decoder_)));
  begin_ = expected.first_row;
  end_ = expected.first_row + expected.rows;
  return Status::OK();
}

const LeafPages::Page& LeafReader::PageOf(int64_t row) const {
  const std::vector<LeafPages::Page>& pages = source_.pages.pages;
  size_t page = row < end_ ? next_ - 1 : next_;
  while (page < pages.size() && row >= pages[page].first_row + pages[page].rows) ++page;
  SLEEPER_CHECK(page < pages.size(), "a row was not fetched: ", row);
  return pages[page];
}

Result<LeafReader::Rows> LeafReader::Read(int64_t row, int64_t count_max) {
  if (dictionary_ == nullptr && source_.pages.dictionary.size > 0) TRY(LoadDictionary());
  while (row >= end_) {
    SLEEPER_CHECK(next_ < source_.pages.pages.size(), "a row was not fetched: ", row);
    const LeafPages::Page& page = source_.pages.pages[next_];
    TRY(row >= page.first_row + page.rows ? PassOver() : LoadNext());
  }
  SLEEPER_CHECK(row >= begin_, "a row was not fetched: ", row);
  return Rows{&page_, row - begin_, std::min(count_max, end_ - row)};
}

}  // namespace sleeper::file
