#include "sleeper/cli/figures.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sleeper/base/printable_text.h"

namespace sleeper::cli {
namespace {

/// Characters, not bytes: good enough for names and keys.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

std::string Padded(const std::string& text, size_t width, bool right) {
  const size_t own = Width(text);
  const std::string blanks(width > own ? width - own : 0, ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  const ptrdiff_t first = number < 0 ? 1 : 0;
  for (ptrdiff_t at = static_cast<ptrdiff_t>(digits.size()) - 3; at > first; at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

std::string Counted(int64_t number, std::string_view noun) {
  return Grouped(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

std::string ByteSize(int64_t bytes) {
  static constexpr std::array<std::string_view, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes);
  size_t unit = 0;
  while (size >= 1024 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

double SecondsOf(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string Seconds(Duration duration) {
  const double seconds = SecondsOf(duration);
  if (seconds < 1) return fmt::format("{:.3f} s", seconds);
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(seconds);
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

std::string RowRate(int64_t rows, Duration duration) {
  const double seconds = SecondsOf(duration);
  if (rows <= 0 || seconds <= 0) return "";
  return Grouped(static_cast<int64_t>(static_cast<double>(rows) / seconds)) + " rows/s";
}

std::string AlignedTable(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right) {
  std::vector<size_t> widths(right.size());
  std::vector<std::vector<std::string>> cells_of(rows.size());
  for (size_t line = 0; line < rows.size(); ++line) {
    for (const std::string& cell : rows[line]) {
      const size_t i = cells_of[line].size();
      cells_of[line].push_back(PrintableText(cell));
      widths[i] = std::max(widths[i], Width(cells_of[line][i]));
    }
  }
  std::string text;
  for (size_t line = 0; line < cells_of.size(); ++line) {
    std::string cells;
    std::string rule;
    for (size_t i = 0; i < widths.size(); ++i) {
      cells += (i == 0 ? "" : "  ") + Padded(cells_of[line][i], widths[i], right[i]);
      rule += (i == 0 ? "" : "  ") + std::string(widths[i], '-');
    }
    cells.erase(cells.find_last_not_of(' ') + 1);
    text += cells + "\n";
    if (line == 0) text += rule + "\n";
  }
  return text;
}

}  // namespace sleeper::cli
