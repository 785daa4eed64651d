#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/time.h"

// Numbers as people read them.

namespace sleeper::cli {

/// "3,000,000".
std::string Grouped(int64_t number);

/// "1 file", "2 files", "3,000,000 rows". `noun` in the singular, made a plural by an "s".
std::string Counted(int64_t number, std::string_view noun);

/// "999 B", "12.3 MiB".
std::string ByteSize(int64_t bytes);

/// "0.042 s", "12.3 s", "4 min 05 s".
std::string Seconds(Duration duration);
double SecondsOf(Duration duration);

/// "1,234,567 rows/s"; empty if there is nothing to divide.
std::string RowRate(int64_t rows, Duration duration);

/// Rows of cells as lines; the first row is underlined, and columns that `right` marks are aligned to the right. Cells
/// are shown as PrintableText() has them.
std::string AlignedTable(const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right);

}  // namespace sleeper::cli
