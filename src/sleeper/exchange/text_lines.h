#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/text_window.h"

namespace sleeper::exchange {

/// The lines of a text, which end with LF or CR LF; the last one may lack its end. Confined.
class TextLines {
 public:
  /// The source must outlive the lines.
  TextLines(InputSource& source, int64_t line_bytes_max, const CallContext& call)
      : window_(source, line_bytes_max, call) {}

  /// The next line without its end, valid until the next call; nothing at the end of the text.
  Result<std::optional<std::string_view>> Next();

  /// The number of the line that Next() gave last, from 1.
  int64_t number() const { return number_; }

 private:
  TextWindow window_;
  size_t line_size_ = 0;
  int64_t number_ = 0;
};

}  // namespace sleeper::exchange
