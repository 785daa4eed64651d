#include "sleeper/model/property_definition.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "sleeper/base/nearest_word.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::model {
namespace {

/// Names further away than this are no hint.
constexpr size_t kNearestDistanceMax = 8;
/// What users of the original property files may put in front.
constexpr std::string_view kTablePrefix = "sleeper.table.";

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// The power of 1024 that a suffix stands for, as a number of bits.
std::optional<int> BitsOfSuffix(char suffix) {
  switch (suffix) {
    case 'K':
    case 'k':
      return 10;
    case 'M':
    case 'm':
      return 20;
    case 'G':
    case 'g':
      return 30;
    case 'T':
    case 't':
      return 40;
    default:
      return std::nullopt;
  }
}

std::optional<int64_t> ReadInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> ReadBytes(std::string_view text) {
  const std::optional<int> bits = text.empty() ? std::nullopt : BitsOfSuffix(text.back());
  if (!bits) return ReadInteger(text);
  const std::optional<int64_t> count = ReadInteger(text.substr(0, text.size() - 1));
  if (!count || *count < 0 || *count > (std::numeric_limits<int64_t>::max() >> *bits)) return std::nullopt;
  return *count << *bits;
}

bool HasEmptyName(std::string_view text) {
  const std::vector<std::string> names = NamesOf(text);
  return std::ranges::find(names, "") != names.end();
}

/// The number, if the text has the form of the kind.
std::optional<int64_t> ReadValue(const PropertyDefinition& definition, std::string_view text) {
  switch (definition.kind) {
    case PropertyKind::kBoolean: {
      const std::string lower = Lower(text);
      if (lower == "true") return 1;
      if (lower == "false") return 0;
      return std::nullopt;
    }
    case PropertyKind::kChoice: {
      const std::string lower = Lower(text);
      for (size_t i = 0; i < definition.choices.size(); ++i) {
        if (Lower(definition.choices[i]) == lower) return static_cast<int64_t>(i);
      }
      return std::nullopt;
    }
    case PropertyKind::kBytes:
      return ReadBytes(text);
    case PropertyKind::kInteger:
    case PropertyKind::kMinutes:
    case PropertyKind::kDays:
      return ReadInteger(text);
    case PropertyKind::kText:
      return 0;
    case PropertyKind::kNames:
      return HasEmptyName(text) ? std::nullopt : std::optional<int64_t>(0);
  }
  return std::nullopt;
}

bool IsNumeric(PropertyKind kind) {
  return kind == PropertyKind::kInteger || kind == PropertyKind::kBytes || kind == PropertyKind::kMinutes ||
         kind == PropertyKind::kDays;
}

/// A number of bytes in the largest unit that writes it without a fraction.
std::string FormatBytes(int64_t bytes) {
  constexpr std::pair<int, const char*> kUnits[] = {{40, "T"}, {30, "G"}, {20, "M"}, {10, "K"}};
  for (const auto& [bits, unit] : kUnits) {
    if (bytes > 0 && bytes % (int64_t{1} << bits) == 0) return std::to_string(bytes >> bits) + unit;
  }
  return std::to_string(bytes);
}

}  // namespace

std::vector<std::string> NamesOf(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  std::vector<std::string> names;
  while (!text.empty()) {
    std::string_view name = text.substr(0, text.find(','));
    // A comma at the end is followed by a name that is empty.
    const bool is_last = name.size() == text.size();
    text.remove_prefix(is_last ? text.size() : name.size() + 1);
    name.remove_prefix(std::min(name.size(), name.find_first_not_of(kSpace)));
    name = name.substr(0, name.find_last_not_of(kSpace) + 1);
    names.emplace_back(name);
    if (!is_last && text.empty()) names.emplace_back();
  }
  return names;
}

const PropertyDefinition* FindPropertyDefinition(std::string_view name) {
  const auto found = std::ranges::find(PropertyDefinitions(), name, &PropertyDefinition::name);
  return found == PropertyDefinitions().end() ? nullptr : &*found;
}

std::string_view NearestPropertyName(std::string_view name) {
  if (name.starts_with(kTablePrefix)) name.remove_prefix(kTablePrefix.size());
  std::vector<std::string_view> names;
  for (const PropertyDefinition& definition : PropertyDefinitions()) names.push_back(definition.name);
  return NearestWord(name, names, kNearestDistanceMax);
}

Result<int64_t> ParsePropertyValue(const PropertyDefinition& definition, std::string_view text) {
  const std::optional<int64_t> value = ReadValue(definition, text);
  const bool in_bounds = !IsNumeric(definition.kind) || (value && *value >= definition.min && *value <= definition.max);
  if (value && in_bounds) return *value;
  return Error(ErrorKind::kInvalid, "property ", definition.name, " must be ", DescribeAllowed(definition), ", not ",
               Quoted(text));
}

std::string DescribeAllowed(const PropertyDefinition& definition) {
  const auto at_least = [&](std::string (*format)(int64_t)) {
    if (definition.max == INT64_MAX) return format(definition.min) + " or more";
    return format(definition.min) + " to " + format(definition.max);
  };
  const auto plain = [](int64_t number) { return std::to_string(number); };
  switch (definition.kind) {
    case PropertyKind::kBoolean:
      return "true or false";
    case PropertyKind::kInteger:
      return "a number, " + at_least(plain);
    case PropertyKind::kMinutes:
      return "a number of minutes, " + at_least(plain);
    case PropertyKind::kDays:
      return "a number of days, " + at_least(plain);
    case PropertyKind::kBytes:
      return "a number of bytes, perhaps with K, M, G or T, " + at_least(FormatBytes);
    case PropertyKind::kText:
      return "any text";
    case PropertyKind::kNames:
      return "names of fields, separated by commas";
    case PropertyKind::kChoice:
      break;
  }
  std::string choices;
  for (size_t i = 0; i < definition.choices.size(); ++i) {
    if (i > 0) choices += i + 1 == definition.choices.size() ? " or " : ", ";
    choices += definition.choices[i];
  }
  return choices;
}

}  // namespace sleeper::model
