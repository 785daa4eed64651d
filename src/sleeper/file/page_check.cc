#include "sleeper/file/page_check.h"

#include "sleeper/file/crc32.h"

namespace sleeper::file {

Result<ParsedPageHeader> CheckPage(std::span<const uint8_t> bytes) {
  TRY_ASSIGN(const ParsedPageHeader parsed, ParsePageHeader(bytes));
  const std::span<const uint8_t> body = bytes.subspan(static_cast<size_t>(parsed.bytes));
  if (static_cast<int64_t>(body.size()) != parsed.header.compressed_bytes) {
    return Error(ErrorKind::kCorrupt, "a page's header and the index differ in its size: ", bytes.size(),
                 " bytes expected");
  }
  if (!parsed.header.crc) return Error(ErrorKind::kCorrupt, "a page has no checksum");
  if (*parsed.header.crc != Crc32(0, body)) return Error(ErrorKind::kCorrupt, "a page's checksum is wrong");
  return parsed;
}

}  // namespace sleeper::file
