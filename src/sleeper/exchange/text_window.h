#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/input_source.h"

namespace sleeper::exchange {

/// The part of a text that is being looked at: grows at its end, is used up at its start. Confined.
class TextWindow {
 public:
  /// A record (a line, or a CSV record of several lines) longer than `record_bytes_max` is refused. The source must
  /// outlive the window.
  TextWindow(InputSource& source, int64_t record_bytes_max, const CallContext& call)
      : source_(source), record_bytes_max_(static_cast<size_t>(record_bytes_max)), call_(call) {}

  /// What is unused, in memory that may be written to.
  char* data() { return text_.data() + used_; }
  size_t size() const { return text_.size() - used_; }
  std::string_view view() const { return {text_.data() + used_, text_.size() - used_}; }

  /// Forgets the first `bytes`. REQUIRES: bytes <= size().
  void Use(size_t bytes) { used_ += bytes; }

  /// Appends a good deal of what the source gives next; false at its end. Moves the text in memory. kInvalid if more
  /// than kRecordBytesMax would be unused.
  Result<bool> Grow();

 private:
  InputSource& source_;
  const size_t record_bytes_max_;
  const CallContext call_;
  std::string text_;
  size_t used_ = 0;
};

}  // namespace sleeper::exchange
