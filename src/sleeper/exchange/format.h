#pragma once

#include <optional>
#include <string_view>

#include "sleeper/base/status.h"

namespace sleeper::exchange {

enum class InputFormat { kParquet, kCsv, kJsonLines, kArrow };

enum class OutputFormat { kTable, kCsv, kJsonLines, kParquet, kArrow };

/// "parquet", "csv", "jsonl" and "arrow", and for output "table" too: the words of the command line.
std::string_view FormatName(InputFormat format);
std::string_view FormatName(OutputFormat format);

/// The inverse of FormatName. kInvalid for any other word, with the known ones as the hint.
Result<InputFormat> ParseInputFormat(std::string_view name);
Result<OutputFormat> ParseOutputFormat(std::string_view name);

/// What the end of a file's name says, in any case of the letters: .parquet .pq .csv .tsv .jsonl .ndjson .arrow .arrows
/// .ipc .feather; text formats also with .gz or .zst behind it.
struct NamedFormat {
  InputFormat format;
  /// The delimiter that the name stands for: a tab for .tsv.
  char delimiter = ',';
};
std::optional<NamedFormat> FormatOfName(std::string_view file_name);

}  // namespace sleeper::exchange
