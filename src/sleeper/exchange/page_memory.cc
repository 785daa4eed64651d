#include "sleeper/exchange/page_memory.h"

namespace sleeper::exchange {

Status PageMemory::Check(int64_t size) const {
  if (size <= page_bytes_max_ + kRoundingBytes) return Status::OK();
  return WithContext(PageTooLarge(size, page_bytes_max_), input_);
}

Status PageTooLarge(int64_t bytes, int64_t page_bytes_max) {
  return WithHint(
      Error(ErrorKind::kInvalid, "a page is larger than allowed: ", bytes, " bytes, at most ", page_bytes_max),
      "raise the table's property ingest.page.bytes.max, or write the input with smaller pages");
}

}  // namespace sleeper::exchange
