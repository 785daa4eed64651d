#include "sleeper/file/data_file_summary.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sleeper/model/key_codec.h"
#include "sleeper/model/schema_json.h"

namespace sleeper::file {
namespace {

constexpr std::string_view kFormatName = "sleeper.format";
constexpr std::string_view kSchemaName = "sleeper.schema";
constexpr std::string_view kRowsName = "sleeper.rows";
constexpr std::string_view kMinName = "sleeper.key.min";
constexpr std::string_view kMaxName = "sleeper.key.max";
constexpr std::string_view kRowHashName = "sleeper.row-hash";
constexpr std::string_view kSettingsName = "sleeper.settings";
constexpr std::string_view kRowGroupsName = "sleeper.row-groups";
constexpr std::string_view kBloomName = "sleeper.bloom-filters";
constexpr size_t kChecksumDigits = 8;

std::string HexOf(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<uint8_t>(byte));
  return text;
}

Status Malformed(std::string_view name, std::string_view text) {
  return Error(ErrorKind::kCorrupt, "the footer's item ", name, " is malformed: ", text);
}

template <typename Number>
Result<Number> ParseNumber(std::string_view name, std::string_view text, int base = 10) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return Malformed(name, text);
  return number;
}

Result<std::string> Find(const FooterItems& items, std::string_view name) {
  const auto item =
      std::find_if(items.begin(), items.end(), [&](const auto& candidate) { return candidate.first == name; });
  if (item == items.end()) return Error(ErrorKind::kCorrupt, "the footer lacks the item ", name);
  return item->second;
}

Result<model::NormalisedKey> ParseKey(std::string_view name, std::string_view text, const model::Schema& schema) {
  if (text.size() % 2 != 0) return Malformed(name, text);
  model::NormalisedKey key;
  for (size_t i = 0; i < text.size(); i += 2) {
    TRY_ASSIGN(const auto byte, ParseNumber<uint8_t>(name, text.substr(i, 2), 16));
    key.push_back(static_cast<char>(byte));
  }
  TRY(model::DecodeKey(schema.row_key_fields(), key).status());
  return key;
}

Result<model::NormalisedKey> FindKey(const FooterItems& items, std::string_view name, const model::Schema& schema) {
  TRY_ASSIGN(const std::string text, Find(items, name));
  return ParseKey(name, text, schema);
}

/// "<version>:<low>:<high>", the sums in hexadecimal.
std::string RowHashText(const model::RowHash& hash) {
  return fmt::format("{}:{:016x}:{:016x}", model::kRowHashVersion, hash.low, hash.high);
}

Result<model::RowHash> ParseRowHash(std::string_view text) {
  const size_t first = text.find(':');
  const size_t second = text.rfind(':');
  if (first == std::string_view::npos || first == second) return Malformed(kRowHashName, text);
  TRY_ASSIGN(const int version, ParseNumber<int>(kRowHashName, text.substr(0, first)));
  if (version != model::kRowHashVersion) {
    return Error(ErrorKind::kInvalid, "the row hash is of a version that this program does not know: ", version);
  }
  model::RowHash hash;
  TRY_ASSIGN(hash.low, ParseNumber<uint64_t>(kRowHashName, text.substr(first + 1, second - first - 1), 16));
  TRY_ASSIGN(hash.high, ParseNumber<uint64_t>(kRowHashName, text.substr(second + 1), 16));
  return hash;
}

/// "<row hash>,<least row key>,<greatest row key>,<checksum of the pages' headers>".
Result<RowGroupSummary> ParseRowGroup(std::string_view text, const model::Schema& schema) {
  std::array<std::string_view, 4> parts;
  std::string_view rest = text;
  for (std::string_view& part : parts) {
    part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  }
  if (!rest.empty() || parts.back().empty()) return Malformed(kRowGroupsName, text);
  RowGroupSummary row_group;
  TRY_ASSIGN(row_group.row_hash, ParseRowHash(parts[0]));
  TRY_ASSIGN(row_group.bounds.min, ParseKey(kRowGroupsName, parts[1], schema));
  TRY_ASSIGN(row_group.bounds.max, ParseKey(kRowGroupsName, parts[2], schema));
  TRY_ASSIGN(row_group.headers_crc, ParseNumber<uint32_t>(kRowGroupsName, parts[3], 16));
  return row_group;
}

/// Of each row group, separated by spaces, each filter, separated by commas: the checksums, one behind the other.
std::string BloomText(std::span<const RowGroupSummary> row_groups) {
  std::string text;
  for (const RowGroupSummary& row_group : row_groups) {
    if (!text.empty()) text += ' ';
    for (size_t i = 0; i < row_group.bloom_checksums.size(); ++i) {
      if (i > 0) text += ',';
      for (const uint32_t checksum : row_group.bloom_checksums[i]) text += fmt::format("{:08x}", checksum);
    }
  }
  return text;
}

/// Takes the part in front of the next separator.
std::string_view TakePart(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

}  // namespace

model::FileRecord DataFileSummary::Record(model::FileId id, model::LogNumber birth) const {
  return {.id = std::move(id),
          .size_bytes = size_bytes,
          .tail_bytes = tail_bytes,
          .birth = birth,
          .bounds = bounds,
          .rows = rows,
          .row_hash = row_hash};
}

FooterItems FooterItemsOf(const DataFileSummary& summary, const model::Schema& schema) {
  FooterItems items;
  const auto add = [&](std::string_view name, std::string value) { items.emplace_back(name, std::move(value)); };
  add(kFormatName, std::to_string(kDataFileFormat));
  add(kSchemaName, model::WriteSchemaJson(schema));
  add(kRowsName, std::to_string(summary.rows));
  add(kMinName, HexOf(summary.bounds.min));
  add(kMaxName, HexOf(summary.bounds.max));
  add(kRowHashName, RowHashText(summary.row_hash));
  return items;
}

Result<DataFileSummary> ReadFooterItems(const FooterItems& items, const model::Schema& schema) {
  TRY_ASSIGN(const std::string format_text, Find(items, kFormatName));
  TRY_ASSIGN(const int format, ParseNumber<int>(kFormatName, format_text));
  if (format != kDataFileFormat) {
    return Error(ErrorKind::kInvalid, "the data file was written by another version of this program: format ", format);
  }
  TRY_ASSIGN(const std::string schema_text, Find(items, kSchemaName));
  if (schema_text != model::WriteSchemaJson(schema)) {
    return Error(ErrorKind::kCorrupt, "the file holds rows of another schema: ", schema_text);
  }
  DataFileSummary summary;
  TRY_ASSIGN(const std::string rows_text, Find(items, kRowsName));
  TRY_ASSIGN(summary.rows, ParseNumber<int64_t>(kRowsName, rows_text));
  TRY_ASSIGN(summary.bounds.min, FindKey(items, kMinName, schema));
  TRY_ASSIGN(summary.bounds.max, FindKey(items, kMaxName, schema));
  TRY_ASSIGN(const std::string hash_text, Find(items, kRowHashName));
  TRY_ASSIGN(summary.row_hash, ParseRowHash(hash_text));
  if (summary.rows <= 0) return Malformed(kRowsName, rows_text);
  return summary;
}

void AddRowGroupItems(std::string settings, std::span<const RowGroupSummary> row_groups, FooterItems& items) {
  std::string text;
  for (const RowGroupSummary& row_group : row_groups) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{},{},{},{:08x}", RowHashText(row_group.row_hash), HexOf(row_group.bounds.min),
                        HexOf(row_group.bounds.max), row_group.headers_crc);
  }
  items.emplace_back(kSettingsName, std::move(settings));
  items.emplace_back(kRowGroupsName, std::move(text));
  const bool has_filters =
      std::ranges::any_of(row_groups, [](const auto& row_group) { return !row_group.bloom_checksums.empty(); });
  if (has_filters) items.emplace_back(kBloomName, BloomText(row_groups));
}

Result<std::vector<std::vector<std::vector<uint32_t>>>> ReadBloomItem(const FooterItems& items) {
  std::vector<std::vector<std::vector<uint32_t>>> row_groups;
  const Result<std::string> item = Find(items, kBloomName);
  if (!item.ok()) return row_groups;
  std::string_view text = *item;
  while (!text.empty()) {
    std::string_view of_group = TakePart(text, ' ');
    auto& filters = row_groups.emplace_back();
    while (!of_group.empty()) {
      std::string_view digits = TakePart(of_group, ',');
      auto& checksums = filters.emplace_back();
      for (; !digits.empty(); digits.remove_prefix(kChecksumDigits)) {
        if (digits.size() < kChecksumDigits) return Malformed(kBloomName, digits);
        TRY_ASSIGN(checksums.emplace_back(), ParseNumber<uint32_t>(kBloomName, digits.substr(0, kChecksumDigits), 16));
      }
    }
  }
  return row_groups;
}

std::string ReadSettingsItem(const FooterItems& items) {
  const Result<std::string> text = Find(items, kSettingsName);
  return text.ok() ? *text : std::string();
}

Result<std::vector<RowGroupSummary>> ReadRowGroupItem(const FooterItems& items, const model::Schema& schema) {
  std::vector<RowGroupSummary> row_groups;
  const Result<std::string> item = Find(items, kRowGroupsName);
  if (!item.ok()) return row_groups;
  std::string_view text = *item;
  model::RowHash sum;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    // As earlier versions of this program wrote it, without a checksum to rely on.
    if (std::ranges::count(part, ',') == 2) return std::vector<RowGroupSummary>();
    TRY_ASSIGN(row_groups.emplace_back(), ParseRowGroup(part, schema));
    sum += row_groups.back().row_hash;
  }
  TRY_ASSIGN(const std::string hash_text, Find(items, kRowHashName));
  TRY_ASSIGN(const model::RowHash hash, ParseRowHash(hash_text));
  if (!(sum == hash)) {
    return Error(ErrorKind::kCorrupt, "the hashes of the row groups do not add up to that of the file");
  }
  return row_groups;
}

}  // namespace sleeper::file
