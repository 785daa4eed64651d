#include "sleeper/exchange/format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace sleeper::exchange {
namespace {

struct Suffix {
  std::string_view text;
  NamedFormat format;
  bool may_be_compressed;
};

constexpr std::array<Suffix, 10> kSuffixes = {{
    {".parquet", {InputFormat::kParquet}, false},
    {".pq", {InputFormat::kParquet}, false},
    {".csv", {InputFormat::kCsv, ','}, true},
    {".tsv", {InputFormat::kCsv, '\t'}, true},
    {".jsonl", {InputFormat::kJsonLines}, true},
    {".ndjson", {InputFormat::kJsonLines}, true},
    {".arrow", {InputFormat::kArrow}, false},
    {".arrows", {InputFormat::kArrow}, false},
    {".ipc", {InputFormat::kArrow}, false},
    {".feather", {InputFormat::kArrow}, false},
}};

// True if `name` ends with `suffix` and has something before it.
bool EndsWith(std::string_view name, std::string_view suffix) {
  return name.size() > suffix.size() && name.ends_with(suffix);
}

}  // namespace

std::string_view FormatName(InputFormat format) {
  switch (format) {
    case InputFormat::kParquet:
      return "parquet";
    case InputFormat::kCsv:
      return "csv";
    case InputFormat::kJsonLines:
      return "jsonl";
    case InputFormat::kArrow:
      return "arrow";
  }
  return "unknown";
}

std::string_view FormatName(OutputFormat format) {
  switch (format) {
    case OutputFormat::kTable:
      return "table";
    case OutputFormat::kCsv:
      return "csv";
    case OutputFormat::kJsonLines:
      return "jsonl";
    case OutputFormat::kParquet:
      return "parquet";
    case OutputFormat::kArrow:
      return "arrow";
  }
  return "unknown";
}

Result<InputFormat> ParseInputFormat(std::string_view name) {
  for (const InputFormat format :
       {InputFormat::kParquet, InputFormat::kCsv, InputFormat::kJsonLines, InputFormat::kArrow}) {
    if (FormatName(format) == name) return format;
  }
  return WithHint(Error(ErrorKind::kInvalid, "unknown input format: ", name),
                  "known are parquet, csv, jsonl and arrow");
}

Result<OutputFormat> ParseOutputFormat(std::string_view name) {
  for (const OutputFormat format : {OutputFormat::kTable, OutputFormat::kCsv, OutputFormat::kJsonLines,
                                    OutputFormat::kParquet, OutputFormat::kArrow}) {
    if (FormatName(format) == name) return format;
  }
  return WithHint(Error(ErrorKind::kInvalid, "unknown output format: ", name),
                  "known are table, csv, jsonl, parquet and arrow");
}

std::optional<NamedFormat> FormatOfName(std::string_view file_name) {
  std::string name(file_name.substr(file_name.find_last_of('/') + 1));
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) { return std::tolower(letter); });
  std::string_view bare = name;
  for (const std::string_view compression : {".gz", ".zst"}) {
    if (EndsWith(bare, compression)) bare.remove_suffix(compression.size());
  }
  const bool compressed = bare.size() != name.size();
  for (const Suffix& suffix : kSuffixes) {
    if (EndsWith(bare, suffix.text) && (suffix.may_be_compressed || !compressed)) return suffix.format;
  }
  return std::nullopt;
}

}  // namespace sleeper::exchange
