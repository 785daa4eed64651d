#include "sleeper/state/registry_state.h"

#include <algorithm>
#include <span>

#include "sleeper/base/check.h"
#include "sleeper/state/field_codec.h"
#include "sleeper/state/state_digest.h"

namespace sleeper::state {

namespace {

constexpr size_t kTableNameBytesMax = 200;

bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::vector<model::TableId> IdsOf(const PersistentMap& map) {
  std::vector<model::TableId> ids;
  for (PersistentMap::Cursor at = map.Begin(); at.valid(); at.Next()) ids.emplace_back(std::string(at.key().head));
  return ids;
}

RegisteredTable DecodeTable(std::string_view value) {
  Result<RegisteredTable> table = DecodeFields<RegisteredTable>(value);
  SLEEPER_CHECK(table.ok(), "a registered table is damaged: ", table.status().ToString());
  return std::move(table).ValueUnsafe();
}

}  // namespace

bool IsTableName(const model::TableName& name) {
  const std::string& text = name.value();
  if (text.empty() || text.size() > kTableNameBytesMax || !IsLetterOrDigit(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLetterOrDigit(c) || c == '.' || c == '_' || c == '-'; });
}

RegistryStatePtr RegistryState::Empty() { return RegistryStatePtr(std::make_shared<RegistryState>(RegistryState())); }

std::vector<RegisteredTable> RegistryState::Tables() const {
  std::vector<RegisteredTable> tables;
  for (PersistentMap::Cursor at = tables_.Begin(); at.valid(); at.Next()) tables.push_back(DecodeTable(at.value()));
  return tables;
}

std::optional<RegisteredTable> RegistryState::Find(const model::TableName& name) const {
  const std::optional<std::string_view> value = tables_.Find({name.value()});
  if (!value) return std::nullopt;
  return DecodeTable(*value);
}

std::optional<RegisteredTable> RegistryState::Find(const model::TableId& id) const {
  const std::optional<std::string_view> name = names_.Find({id.value()});
  if (!name) return std::nullopt;
  return Find(model::TableName(std::string(*name)));
}

bool RegistryState::IsBeingDropped(const model::TableId& id) const {
  return being_dropped_.Find({id.value()}).has_value();
}

std::vector<model::TableId> RegistryState::TablesBeingDropped() const { return IdsOf(being_dropped_); }

bool RegistryState::IsGone(const model::TableId& id) const { return gone_.Find({id.value()}).has_value(); }

std::vector<model::TableId> RegistryState::GoneTables() const { return IdsOf(gone_); }

MapDigest RegistryState::digest() const {
  ByteWriter header;
  FieldEncoder fields(header);
  fields.Value(properties_);
  fields.Value(properties_version_);
  const PersistentMap* const maps[] = {&tables_, &gone_, &being_dropped_};
  // The first version of the format knows two: what can be said in it has the digest that it had there.
  return CombineDigests(header.bytes(), std::span(maps).first(being_dropped_.size() > 0 ? 3 : 2));
}

}  // namespace sleeper::state
