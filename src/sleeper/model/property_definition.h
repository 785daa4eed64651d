#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"

namespace sleeper::model {

/// How the text of a property is read.
enum class PropertyKind {
  kBoolean,  ///< true or false
  kInteger,  ///< decimal
  kBytes,    ///< decimal, perhaps with K, M, G or T: powers of 1024
  kMinutes,  ///< decimal
  kDays,     ///< decimal
  kChoice,   ///< one of `choices`, in upper or lower case
  kText,     ///< anything
  kNames,    ///< names, separated by commas
};

/// Where a property may be set.
enum class PropertyScope {
  kTable,     ///< For a table, or for the instance as the default of its tables.
  kInstance,  ///< For the instance only.
};

/// One property that the program knows. Immutable; lives for ever.
struct PropertyDefinition {
  std::string_view name;
  PropertyKind kind;
  std::string_view default_value;
  std::string_view group;
  /// One or two full sentences: what it does and when one would change it.
  std::string_view description;
  /// Both included; for the numeric kinds.
  int64_t min = 0;
  int64_t max = INT64_MAX;
  std::span<const std::string_view> choices;
  PropertyScope scope = PropertyScope::kTable;
};

/// All of them, group by group: the one table that reading, validation and docs/guide/properties.md are made from.
std::span<const PropertyDefinition> PropertyDefinitions();

/// Null if there is none of that name.
const PropertyDefinition* FindPropertyDefinition(std::string_view name);

/// The name that is most like `name`, for hints; empty if none is.
std::string_view NearestPropertyName(std::string_view name);

/// A text read as its definition says: the number, 0 or 1 for a boolean, the index of a choice, 0 for a text. Durations
/// in their own unit. kInvalid, naming the property and what would be right.
Result<int64_t> ParsePropertyValue(const PropertyDefinition& definition, std::string_view text);

/// The names in a text of the kind kNames, without the spaces around them.
std::vector<std::string> NamesOf(std::string_view text);

/// What ParsePropertyValue accepts, for people: "1 to 10000", "zstd, snappy or gzip", …
std::string DescribeAllowed(const PropertyDefinition& definition);

}  // namespace sleeper::model
