#include "sleeper/exchange/text_window.h"

#include <algorithm>

namespace sleeper::exchange {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;

}  // namespace

Result<bool> TextWindow::Grow() {
  if (size() > record_bytes_max_) {
    return WithHint(
        Error(ErrorKind::kInvalid, source_.name(), ": a record is longer than ", record_bytes_max_, " bytes"),
        "is a quote not closed?");
  }
  text_.erase(0, used_);
  used_ = 0;
  // At least doubles a long record, so that its callers, who look at it again from its start, do so a few times only.
  const size_t goal = text_.size() + std::max(kBlockBytes, text_.size());
  bool grown = false;
  while (text_.size() < goal) {
    TRY_ASSIGN(const Buffer bytes, source_.Read(static_cast<int64_t>(goal - text_.size()), call_));
    if (bytes.empty()) break;
    text_.append(bytes.view());
    grown = true;
  }
  return grown;
}

}  // namespace sleeper::exchange
