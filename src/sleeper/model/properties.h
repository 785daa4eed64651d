#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/model/property_definition.h"
#include "sleeper/model/property_map.h"
#include "sleeper/model/property_names.h"
#include "sleeper/model/schema.h"

namespace sleeper::model {

/// Where the value in force comes from.
enum class PropertySource { kTable, kInstance, kBuiltIn };

/// A property with the value in force, for listings.
struct EffectiveProperty {
  std::string name;
  std::string value;
  PropertySource source;
  /// Null for a property that this program does not know: one that a newer version has set.
  const PropertyDefinition* definition;
};

/// The properties in force for a table: what was set for it, else what was set for the instance, else the built-in
/// default. An empty text counts as not set. Immutable.
class Properties {
 public:
  /// kInvalid names every fault of the values that this program knows. Unknown names are kept and have no effect.
  static Result<Properties> Make(PropertyMap table, PropertyMap instance = {});

  /// The built-in defaults.
  Properties() = default;

  int64_t Get(PropertyName<int64_t> name) const { return Value(name.text); }
  bool Get(PropertyName<bool> name) const { return Value(name.text) != 0; }
  Duration Get(PropertyName<Duration> name) const;
  std::vector<std::string> Get(PropertyName<std::vector<std::string>> name) const { return NamesOf(Text(name.text)); }
  std::string Get(PropertyName<std::string> name) const { return std::string(Text(name.text)); }
  template <typename E>
  requires std::is_enum_v<E> E Get(PropertyName<E> name)
  const { return static_cast<E>(Value(name.text)); }

  /// The text in force. REQUIRES: the program knows a property of that name.
  std::string_view Text(std::string_view name) const;

  /// All known properties in the order of their definitions, then unknown ones that are set.
  std::vector<EffectiveProperty> List() const;

 private:
  Properties(PropertyMap table, PropertyMap instance) : table_(std::move(table)), instance_(std::move(instance)) {}

  EffectiveProperty Effective(const PropertyDefinition& definition) const;
  int64_t Value(std::string_view name) const;

  PropertyMap table_;
  PropertyMap instance_;
};

/// kInvalid if a property that was set for a table names a field that the table does not have.
Status CheckNamedFields(const PropertyMap& table, const Schema& schema);

/// A request to change what is set for a table or the instance.
struct PropertyChanges {
  PropertyMap set;
  std::vector<std::string> unset;
};

/// `current` with the changes. kInvalid names every fault: a name that this program does not know, with the nearest one
/// that it does; a value out of bounds; a property that cannot be set in `scope`; values that contradict one another.
/// Unknown properties that are already there stay, and may be unset.
Result<PropertyMap> ChangeProperties(const PropertyMap& current, const PropertyChanges& changes, PropertyScope scope);

}  // namespace sleeper::model
