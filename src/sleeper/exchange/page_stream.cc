#include "sleeper/exchange/page_stream.h"

#include <algorithm>
#include <utility>

#include "sleeper/exchange/page_memory.h"
#include "sleeper/file/crc32.h"

namespace sleeper::exchange {
namespace {

using file::PageType;

/// What is looked at for a header, and how far that grows for one with long statistics.
constexpr int64_t kHeaderBytes = 1 << 10;
constexpr int64_t kHeaderBytesMax = 16 << 20;

/// What is not read here is for another reader to judge, like what is damaged.
Status AsCorrupt(const Status& status) {
  return IsKind(status, ErrorKind::kInvalid) ? WithKind(status, ErrorKind::kCorrupt) : status;
}

}  // namespace

void PageStream::Start(Chunk chunk) {
  chunk_ = std::move(chunk);
  dictionary_ = nullptr;
  pages_ = 0;
}

Result<file::ParsedPageHeader> PageStream::ReadHeader() {
  for (int64_t size = kHeaderBytes;; size *= 16) {
    TRY_ASSIGN(const Buffer front, chunk_.reads->Front(chunk_.number, size));
    auto parsed = file::ParsePageHeader(front.span());
    const bool is_all = size >= kHeaderBytesMax || front.size() >= chunk_.reads->left(chunk_.number);
    if (parsed.ok() || is_all) return parsed;
  }
}

Result<PageStream::Taken> PageStream::Take() {
  ++pages_;
  if (chunk_.reads->left(chunk_.number) == 0) {
    return Error(ErrorKind::kCorrupt, "the column's pages end before its rows do");
  }
  TRY_ASSIGN(const file::ParsedPageHeader parsed, ReadHeader());
  const int64_t size = parsed.bytes + parsed.header.compressed_bytes;
  if (size > chunk_.reads->left(chunk_.number)) return Error(ErrorKind::kCorrupt, "a page is cut short");
  const int64_t promised = std::max(int64_t{parsed.header.uncompressed_bytes}, parsed.header.values * file::kSlotBytes);
  if (promised > chunk_.page_bytes_max) return PageTooLarge(promised, chunk_.page_bytes_max);
  TRY_ASSIGN(const Buffer front, chunk_.reads->Front(chunk_.number, size));
  Taken taken{.header = parsed.header, .bytes = front.Slice({0, size}), .header_bytes = parsed.bytes};
  chunk_.reads->Take(chunk_.number, size);
  if (taken.header.crc && *taken.header.crc != file::Crc32(0, taken.body())) {
    return Error(ErrorKind::kCorrupt, "a page's checksum is wrong");
  }
  return taken;
}

Status PageStream::LoadDictionary(const Taken& taken) {
  if (dictionary_ != nullptr) return Error(ErrorKind::kCorrupt, "a column has a second dictionary");
  auto dictionary = std::make_shared<file::ColumnPage>();
  const file::LeafShape shape{.type = chunk_.shape.type};
  TRY(AsCorrupt(dictionary->Load({.shape = &shape,
                                  .codec = chunk_.codec,
                                  .header = &taken.header,
                                  .body = taken.body(),
                                  .bytes_max = chunk_.page_bytes_max},
                                 *decoder_)));
  dictionary_ = std::move(dictionary);
  return Status::OK();
}

Status PageStream::Load() {
  for (;;) {
    TRY_ASSIGN(const Taken taken, Take());
    if (taken.header.type == PageType::kDictionary) {
      TRY(LoadDictionary(taken));
      continue;
    }
    // Pages of other kinds are to be passed over.
    if (taken.header.type != PageType::kData && taken.header.type != PageType::kDataV2) continue;
    TRY(AsCorrupt(page_.Load({.shape = &chunk_.shape,
                              .codec = chunk_.codec,
                              .header = &taken.header,
                              .body = taken.body(),
                              .dictionary = dictionary_,
                              .bytes_max = chunk_.page_bytes_max},
                             *decoder_)));
    if (page_.rows() > 0) return Status::OK();
  }
}

}  // namespace sleeper::exchange
