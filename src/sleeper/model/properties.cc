#include "sleeper/model/properties.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sleeper/model/fault_list.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::model {
namespace {

constexpr int64_t kGzipLevelMax = 9;

/// Null if the property is not set there, or set to nothing.
const std::string* FindSet(const PropertyMap& map, std::string_view name) {
  const auto found = map.find(name);
  return found == map.end() || found->second.empty() ? nullptr : &found->second;
}

/// Checks the values of the properties that this program knows.
void CheckValues(const PropertyMap& map, FaultList& faults) {
  for (const auto& [name, text] : map) {
    const PropertyDefinition* definition = FindPropertyDefinition(name);
    if (definition != nullptr && !text.empty()) faults.Add(ParsePropertyValue(*definition, text).status());
  }
}

void CheckEncoding(const Properties& properties, PropertyName<FieldEncoding> encoding, PropertyName<bool> dictionary,
                   FaultList& faults) {
  const FieldEncoding chosen = properties.Get(encoding);
  if (!properties.Get(dictionary) || chosen == FieldEncoding::kAuto || chosen == FieldEncoding::kDictionary) return;
  faults.Add(dictionary.text, " is true, but ", encoding.text, " is ", properties.Text(encoding.text));
}

/// Checks that values which are right by themselves go together.
void CheckTogether(const Properties& properties, FaultList& faults) {
  const int64_t level = properties.Get(property::kParquetCompressionLevel);
  if (properties.Get(property::kParquetCompressionCodec) == CompressionCodec::kGzip && level > kGzipLevelMax) {
    faults.Add(property::kParquetCompressionLevel.text, " of gzip must be 1 to ", kGzipLevelMax, ", not ", level);
  }
  CheckEncoding(properties, property::kParquetEncodingRowKeyFields, property::kParquetDictionaryRowKeyFields, faults);
  CheckEncoding(properties, property::kParquetEncodingSortKeyFields, property::kParquetDictionarySortKeyFields, faults);
  CheckEncoding(properties, property::kParquetEncodingValueFields, property::kParquetDictionaryValueFields, faults);
  const int64_t kept = properties.Get(property::kLogKeepEntries);
  const int64_t remembered = properties.Get(property::kLogIdsRemembered);
  if (remembered < kept) {
    faults.Add(property::kLogIdsRemembered.text, " must be at least ", property::kLogKeepEntries.text, ": ", remembered,
               " is below ", kept);
  }
}

Status UnknownProperty(std::string_view name) {
  const Status status = Error(ErrorKind::kInvalid, "there is no property ", Quoted(name));
  const std::string_view nearest = NearestPropertyName(name);
  return nearest.empty() ? status : WithHint(status, "did you mean " + std::string(nearest) + "?");
}

}  // namespace

Result<Properties> Properties::Make(PropertyMap table, PropertyMap instance) {
  FaultList faults;
  CheckValues(table, faults);
  CheckValues(instance, faults);
  TRY(faults.ToStatus("properties"));
  Properties properties(std::move(table), std::move(instance));
  CheckTogether(properties, faults);
  TRY(faults.ToStatus("properties"));
  return properties;
}

EffectiveProperty Properties::Effective(const PropertyDefinition& definition) const {
  EffectiveProperty effective{std::string(definition.name), "", PropertySource::kBuiltIn, &definition};
  if (const std::string* text = FindSet(table_, definition.name); text != nullptr) {
    effective.value = *text;
    effective.source = PropertySource::kTable;
  } else if (text = FindSet(instance_, definition.name); text != nullptr) {
    effective.value = *text;
    effective.source = PropertySource::kInstance;
  } else {
    effective.value = definition.default_value;
  }
  return effective;
}

std::string_view Properties::Text(std::string_view name) const {
  if (const std::string* text = FindSet(table_, name); text != nullptr) return *text;
  if (const std::string* text = FindSet(instance_, name); text != nullptr) return *text;
  const PropertyDefinition* definition = FindPropertyDefinition(name);
  SLEEPER_CHECK(definition != nullptr, "no such property: ", name);
  return definition->default_value;
}

int64_t Properties::Value(std::string_view name) const {
  const PropertyDefinition* definition = FindPropertyDefinition(name);
  SLEEPER_CHECK(definition != nullptr, "no such property: ", name);
  const Result<int64_t> value = ParsePropertyValue(*definition, Text(name));
  SLEEPER_CHECK(value.ok(), "a value that was checked before: ", name);
  return *value;
}

Duration Properties::Get(PropertyName<Duration> name) const {
  const int64_t count = Value(name.text);
  switch (FindPropertyDefinition(name.text)->kind) {
    case PropertyKind::kMinutes:
      return std::chrono::minutes(count);
    case PropertyKind::kDays:
      return std::chrono::days(count);
    default:
      SLEEPER_CHECK(false, "not a length of time: ", name.text);
      return {};
  }
}

std::vector<EffectiveProperty> Properties::List() const {
  std::vector<EffectiveProperty> list;
  for (const PropertyDefinition& definition : PropertyDefinitions()) list.push_back(Effective(definition));
  PropertyMap unknown = table_;
  unknown.insert(instance_.begin(), instance_.end());
  for (const auto& [name, text] : unknown) {
    if (FindPropertyDefinition(name) != nullptr) continue;
    list.push_back({name, text, table_.contains(name) ? PropertySource::kTable : PropertySource::kInstance, nullptr});
  }
  return list;
}

Status CheckNamedFields(const PropertyMap& table, const Schema& schema) {
  FaultList faults;
  for (const auto& [name, text] : table) {
    const PropertyDefinition* definition = FindPropertyDefinition(name);
    if (definition == nullptr || definition->kind != PropertyKind::kNames) continue;
    for (const std::string& field : NamesOf(text)) {
      if (!schema.Find(field)) faults.Add("property ", name, ": the table has no field ", Quoted(field));
    }
  }
  return faults.ToStatus("properties");
}

Result<PropertyMap> ChangeProperties(const PropertyMap& current, const PropertyChanges& changes, PropertyScope scope) {
  FaultList faults;
  PropertyMap changed = current;
  for (const auto& [name, text] : changes.set) {
    const PropertyDefinition* definition = FindPropertyDefinition(name);
    if (definition == nullptr) {
      faults.Add(UnknownProperty(name));
    } else if (definition->scope == PropertyScope::kInstance && scope == PropertyScope::kTable) {
      faults.Add("property ", name, " can be set for the instance only");
    } else if (text.empty()) {
      changed.erase(name);
    } else {
      changed[name] = text;
    }
  }
  for (const std::string& name : changes.unset) {
    if (changes.set.contains(name)) faults.Add("property ", name, " is both set and unset");
    if (changed.erase(name) == 0 && FindPropertyDefinition(name) == nullptr) faults.Add(UnknownProperty(name));
  }
  CheckValues(changed, faults);
  if (faults.empty()) faults.Add(Properties::Make(changed).status());
  TRY(faults.ToStatus("properties"));
  return changed;
}

}  // namespace sleeper::model
