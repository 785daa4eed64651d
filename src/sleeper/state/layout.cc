#include "sleeper/state/layout.h"

#include <utility>

#include "sleeper/state/packed_file_id.h"

namespace sleeper::state {

namespace {

constexpr std::string_view kDataSuffix = ".parquet";

store::ObjectPath Below(const model::TableId& table, std::string_view folder) {
  return store::ObjectPath("tables/" + table.value() + "/" + std::string(folder));
}

std::optional<uint64_t> NumberBelow(const store::ObjectPath& prefix, const store::ObjectPath& path) {
  const std::string_view text = path.value();
  if (!text.starts_with(prefix.value())) return std::nullopt;
  return ParseDown(text.substr(prefix.value().size()));
}

}  // namespace

std::string FormatUp(uint64_t number) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (size_t i = 16; i-- > 0; number >>= 4) text[i] = kDigits[number & 15];
  return text;
}

std::string FormatDown(uint64_t number) { return FormatUp(~number); }

std::optional<uint64_t> ParseUp(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  uint64_t number = 0;
  for (char digit : text) {
    if (digit >= '0' && digit <= '9') {
      number = number << 4 | static_cast<uint64_t>(digit - '0');
    } else if (digit >= 'a' && digit <= 'f') {
      number = number << 4 | static_cast<uint64_t>(digit - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return number;
}

std::optional<uint64_t> ParseDown(std::string_view text) {
  const std::optional<uint64_t> number = ParseUp(text);
  if (!number) return std::nullopt;
  return ~*number;
}

model::TableId MakeTableId(Random& random) { return model::TableId(random.Hex(16)); }

bool IsTableId(const model::TableId& id) { return ParseUp(id.value()).has_value(); }

model::FileId MakeFileId(model::LogNumber birth, Random& random) { return PackedFileId::Make(birth, random.Next()); }

std::optional<model::LogNumber> BirthOf(const model::FileId& id) {
  const std::optional<PackedFileId> packed = PackedFileId::Pack(id);
  if (!packed) return std::nullopt;
  return packed->birth();
}

InboxFileId MakeInboxFileId(model::LogNumber birth, Random& random) {
  return InboxFileId(FormatUp(birth) + "-" + random.Hex(16));
}

std::optional<model::LogNumber> BirthOf(const InboxFileId& id) {
  const std::string_view text = id.value();
  if (text.size() != 33 || text[16] != '-' || !ParseUp(text.substr(17))) return std::nullopt;
  return ParseUp(text.substr(0, 16));
}

store::ObjectPath DataFilePath(const model::TableId& table, const model::FileId& file) {
  return store::ObjectPath(DataPrefix(table).value() + file.value() + std::string(kDataSuffix));
}

std::optional<model::FileId> FileOfPath(const model::TableId& table, const store::ObjectPath& path) {
  const std::string prefix = DataPrefix(table).value();
  std::string_view text = path.value();
  if (!text.starts_with(prefix) || !text.ends_with(kDataSuffix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  text.remove_suffix(kDataSuffix.size());
  model::FileId id{std::string(text)};
  if (!BirthOf(id)) return std::nullopt;
  return id;
}

store::ObjectPath TablePrefix(const model::TableId& table) { return Below(table, ""); }
store::ObjectPath DataPrefix(const model::TableId& table) { return Below(table, "data/"); }
store::ObjectPath BodyPrefix(const model::TableId& table) { return Below(table, "bodies/"); }
store::ObjectPath PlanPrefix(const model::TableId& table) { return Below(table, "plans/"); }
store::ObjectPath ClaimPrefix(const model::TableId& table) { return Below(table, "claims/"); }
store::ObjectPath InboxPrefix(const model::TableId& table) { return Below(table, "inbox/"); }
store::ObjectPath InboxFilePath(const model::TableId& table, const InboxFileId& file) {
  return Below(table, "inbox/" + file.value());
}
store::ObjectPath InstanceFilePath() { return store::ObjectPath("sleeper.json"); }

LogLayout LogLayout::ForTable(const model::TableId& table) {
  return {TablePrefix(table).value(), "table " + table.value()};
}

LogLayout LogLayout::ForRegistry() { return {"registry/", "registry"}; }

store::ObjectPath LogLayout::EntryPath(model::LogNumber number) const {
  return store::ObjectPath(LogPrefix().value() + FormatDown(number));
}

store::ObjectPath LogLayout::SnapshotPath(model::LogNumber number) const {
  return store::ObjectPath(SnapshotPrefix().value() + FormatDown(number));
}

store::ObjectPath LogLayout::BodyPath(const model::FileId& name) const {
  return store::ObjectPath(BodyPrefix().value() + name.value());
}

std::optional<model::LogNumber> LogLayout::EntryNumber(const store::ObjectPath& path) const {
  return NumberBelow(LogPrefix(), path);
}

std::optional<model::LogNumber> LogLayout::SnapshotNumber(const store::ObjectPath& path) const {
  return NumberBelow(SnapshotPrefix(), path);
}

}  // namespace sleeper::state
