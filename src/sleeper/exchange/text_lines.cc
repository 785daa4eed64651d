#include "sleeper/exchange/text_lines.h"

namespace sleeper::exchange {

Result<std::optional<std::string_view>> TextLines::Next() {
  window_.Use(line_size_);
  line_size_ = 0;
  size_t searched = 0;
  size_t end = std::string_view::npos;
  for (;;) {
    end = window_.view().find('\n', searched);
    if (end != std::string_view::npos) break;
    searched = window_.size();
    TRY_ASSIGN(const bool grown, window_.Grow());
    if (!grown) break;
  }
  std::string_view line = window_.view().substr(0, end);
  if (line.empty() && end == std::string_view::npos) return std::nullopt;
  line_size_ = end == std::string_view::npos ? line.size() : end + 1;
  ++number_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace sleeper::exchange
