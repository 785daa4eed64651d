#include "sleeper/model/region_json.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sleeper/base/base64.h"
#include "sleeper/model/date_text.h"
#include "sleeper/model/fault_list.h"
#include "sleeper/model/json_text.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::model {
namespace {

using Json = nlohmann::json;

constexpr const char* kMin = "min";
constexpr const char* kMinInclusive = "minInclusive";
constexpr const char* kMax = "max";
constexpr const char* kMaxInclusive = "maxInclusive";
constexpr const char* kStringsBase64Encoded = "stringsBase64Encoded";

enum class StringForm { kBase64, kPlain };

template <typename T>
Result<KeyValue> ReadInteger(const Json& json) {
  const bool fits = json.is_number_unsigned()
                        ? json.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<T>::max())
                    : json.is_number_integer() ? json.get<int64_t>() >= std::numeric_limits<T>::min()
                                               : false;
  if (!json.is_number_integer()) return Error(ErrorKind::kInvalid, "not an integer: ", json.dump());
  if (!fits) {
    return Error(ErrorKind::kInvalid, "does not fit the type, which goes from ", std::numeric_limits<T>::min(), " to ",
                 std::numeric_limits<T>::max(), ": ", json.dump());
  }
  return KeyValue(json.get<T>());
}

Result<KeyValue> ReadValue(TypeKind kind, StringForm form, const Json& json) {
  if (kind == TypeKind::kInt) return ReadInteger<int32_t>(json);
  if (kind == TypeKind::kLong) return ReadInteger<int64_t>(json);
  if (!json.is_string()) return Error(ErrorKind::kInvalid, "not a string: ", json.dump());
  const auto& text = json.get_ref<const std::string&>();
  if (kind == TypeKind::kBytes) {
    TRY_ASSIGN(std::string bytes, DecodeBase64(text));
    return KeyValue(Bytes{std::move(bytes)});
  }
  if (kind != TypeKind::kString || form == StringForm::kPlain) return ParseKeyValue(kind, text);
  Result<std::string> decoded = DecodeBase64(text);
  if (!decoded.ok()) {
    return WithHint(decoded.status(), "strings that are not base64 need \"stringsBase64Encoded\": false");
  }
  return ParseKeyValue(kind, *decoded);
}

/// One member of the region: a field and its range.
Result<Range> ReadRange(const Field& field, StringForm form, const Json& json) {
  if (!json.is_object())
    return Error(ErrorKind::kInvalid, "a range is an object with min and max, not ", json.type_name());
  FaultList faults;
  for (const auto& [name, value] : json.items()) {
    const bool is_flag = name == kMinInclusive || name == kMaxInclusive;
    if (!is_flag && name != kMin && name != kMax) faults.Add("unknown member ", Quoted(name));
    if (is_flag && !value.is_boolean()) faults.Add(name, " is true or false, not ", value.type_name());
  }
  const auto read = [&](const char* name) -> std::optional<KeyValue> {
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) return std::nullopt;
    Result<KeyValue> value = ReadValue(field.type.kind(), form, *found);
    if (value.ok()) return *std::move(value);
    faults.Add(WithContext(value.status(), name));
    return std::nullopt;
  };
  const auto min = json.find(kMin);
  if (min == json.end() || min->is_null()) faults.Add("there is no min");
  std::optional<KeyValue> lower = read(kMin);
  std::optional<KeyValue> upper = read(kMax);
  TRY(faults.ToStatus("range"));
  return Range::Make(field, {.min = *std::move(lower),
                             .min_inclusive = json.value(kMinInclusive, true),
                             .max = std::move(upper),
                             .max_inclusive = json.value(kMaxInclusive, false)});
}

std::string JsonString(std::string_view text) { return Json(text).dump(); }

std::string ValueJson(const KeyValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return JsonString(EncodeBase64(*text));
  if (const auto* bytes = std::get_if<Bytes>(&value)) return JsonString(EncodeBase64(bytes->value));
  const TypeKind kind = KindOfValue(value);
  const bool is_number = kind == TypeKind::kInt || kind == TypeKind::kLong;
  return is_number ? FormatKeyValue(value) : JsonString(FormatKeyValue(value));
}

}  // namespace

Result<Region> ParseRegionJson(const Schema& schema, std::string_view text) {
  Result<Json> json = ParseJsonText(text);
  if (!json.ok()) return WithContext(json.status(), "region");
  if (!json->is_object()) return Error(ErrorKind::kInvalid, "region: not a JSON object but ", json->type_name());
  FaultList faults;
  StringForm form = StringForm::kBase64;
  if (const auto flag = json->find(kStringsBase64Encoded); flag != json->end()) {
    if (!flag->is_boolean()) faults.Add(kStringsBase64Encoded, " is true or false, not ", flag->type_name());
    if (*flag == false) form = StringForm::kPlain;
  }
  std::vector<Range> ranges;
  for (const auto& [name, value] : json->items()) {
    if (name == kStringsBase64Encoded) continue;
    const std::optional<int> column = schema.Find(name);
    if (!column || !schema.IsRowKey(*column)) {
      faults.Add(Quoted(name), " is not a row key field of the table");
      continue;
    }
    Result<Range> range = ReadRange(schema.field(*column), form, value);
    faults.Add(WithContext(range.status(), "field " + Quoted(name)));
    if (range.ok()) ranges.push_back(*std::move(range));
  }
  TRY(faults.ToStatus("region"));
  return Region::Make(schema, std::move(ranges));
}

std::string WriteRegionJson(const Region& region) {
  std::string json = "{";
  for (int column = 0; column < region.schema().row_key_count(); ++column) {
    const Range* range = region.RangeOf(column);
    if (range == nullptr) continue;
    json += JsonString(range->field().name) + ":{\"min\":" + ValueJson(range->lower()) +
            ",\"minInclusive\":true,\"max\":" + (range->upper() ? ValueJson(*range->upper()) : "null") +
            ",\"maxInclusive\":false},";
  }
  return json + "\"stringsBase64Encoded\":true}";
}

}  // namespace sleeper::model
