#include "sleeper/model/schema_json.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sleeper/model/fault_list.h"
#include "sleeper/model/json_text.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::model {
namespace {

using Json = nlohmann::json;

constexpr const char* kRowKeyFields = "rowKeyFields";
constexpr const char* kSortKeyFields = "sortKeyFields";
constexpr const char* kValueFields = "valueFields";
constexpr const char* kName = "name";
constexpr const char* kType = "type";
constexpr const char* kNullable = "nullable";
constexpr const char* kElementType = "elementType";
constexpr const char* kKeyType = "keyType";
constexpr const char* kValueType = "valueType";

std::optional<TypeKind> PrimitiveCalled(std::string_view name) {
  for (TypeKind kind = TypeKind::kInt; IsPrimitive(kind);
       kind = static_cast<TypeKind>(static_cast<uint8_t>(kind) + 1)) {
    if (TypeKindName(kind) == name) return kind;
  }
  return std::nullopt;
}

void CheckMembers(const Json& object, std::initializer_list<std::string_view> known, const std::string& where,
                  FaultList& faults) {
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(known, name) == known.end()) faults.Add(where, ": unknown member ", Quoted(name));
  }
}

/// Reads one field of a schema. Faults are collected, each with the place where it is. Confined.
class FieldReader {
 public:
  FieldReader(const Json& json, std::string where, FaultList& faults)
      : json_(json), where_(std::move(where)), faults_(faults) {}

  /// Nothing if there was a fault.
  std::optional<Field> Read() {
    if (!json_.is_object()) {
      faults_.Add(where_, ": a field is an object with name and type, not ", json_.type_name());
      return std::nullopt;
    }
    const std::optional<std::string> name = ReadName();
    CheckMembers(json_, {kName, kType, kNullable}, where_, faults_);
    const bool nullable = ReadNullable();
    const std::optional<Type> type = ReadType();
    if (!name || !type) return std::nullopt;
    return Field{*name, *type, nullable};
  }

 private:
  std::optional<std::string> ReadName() {
    const auto name = json_.find(kName);
    if (name == json_.end() || !name->is_string()) {
      faults_.Add(where_, ": there is no name, or it is no string");
      return std::nullopt;
    }
    auto text = name->get<std::string>();
    where_ += " (" + Quoted(text) + ")";
    return text;
  }

  bool ReadNullable() {
    const auto nullable = json_.find(kNullable);
    if (nullable == json_.end()) return false;
    if (!nullable->is_boolean()) {
      faults_.Add(where_, ": nullable is true or false, not ", nullable->type_name());
      return false;
    }
    return nullable->get<bool>();
  }

  std::optional<Type> ReadType() {
    const auto type = json_.find(kType);
    if (type == json_.end()) {
      faults_.Add(where_, ": there is no type");
      return std::nullopt;
    }
    if (type->is_string()) {
      const std::optional<TypeKind> kind = ReadPrimitive(*type, "a type");
      return kind ? std::optional<Type>(*kind) : std::nullopt;
    }
    if (type->is_object() && type->size() == 1) {
      const auto only = type->begin();
      if (only.key() == TypeKindName(TypeKind::kList)) return ReadList(only.value());
      if (only.key() == TypeKindName(TypeKind::kMap)) return ReadMap(only.value());
    }
    faults_.Add(where_, ": unknown type ", type->dump(-1, ' ', false, Json::error_handler_t::replace));
    return std::nullopt;
  }

  std::optional<Type> ReadList(const Json& parts) {
    if (!CheckParts(parts, {kElementType}, "a list")) return std::nullopt;
    const std::optional<TypeKind> element = ReadPrimitive(parts[kElementType], "the element type of a list");
    if (!element) return std::nullopt;
    return Type::List(*element);
  }

  std::optional<Type> ReadMap(const Json& parts) {
    if (!CheckParts(parts, {kKeyType, kValueType}, "a map")) return std::nullopt;
    const std::optional<TypeKind> key = ReadPrimitive(parts[kKeyType], "the key type of a map");
    const std::optional<TypeKind> value = ReadPrimitive(parts[kValueType], "the value type of a map");
    if (!key || !value) return std::nullopt;
    return Type::Map(*key, *value);
  }

  bool CheckParts(const Json& parts, std::initializer_list<std::string_view> names, std::string_view what) {
    bool complete = parts.is_object();
    for (std::string_view name : names) complete = complete && parts.contains(name);
    if (!complete) {
      std::string list;
      for (std::string_view name : names) list.append(list.empty() ? "" : " and ").append(name);
      faults_.Add(where_, ": ", what, " has ", list);
      return false;
    }
    CheckMembers(parts, names, where_, faults_);
    return true;
  }

  std::optional<TypeKind> ReadPrimitive(const Json& json, std::string_view role) {
    if (!json.is_string()) {
      faults_.Add(where_, ": ", role, " is the name of a primitive type: lists and maps do not nest");
      return std::nullopt;
    }
    const auto& name = json.get_ref<const std::string&>();
    const std::optional<TypeKind> kind = PrimitiveCalled(name);
    if (kind) return kind;
    faults_.Add(where_, ": unknown type ", Quoted(name), "; the primitive types are ", PrimitiveNames());
    return std::nullopt;
  }

  static std::string PrimitiveNames() {
    std::string names;
    for (TypeKind kind = TypeKind::kInt; IsPrimitive(kind);
         kind = static_cast<TypeKind>(static_cast<uint8_t>(kind) + 1)) {
      names.append(names.empty() ? "" : ", ").append(TypeKindName(kind));
    }
    return names;
  }

  const Json& json_;
  std::string where_;
  FaultList& faults_;
};

std::vector<Field> ReadFields(const Json& schema, const char* list, FaultList& faults) {
  std::vector<Field> fields;
  const auto found = schema.find(list);
  if (found == schema.end()) return fields;
  if (!found->is_array()) {
    faults.Add(list, " is a list of fields, not ", found->type_name());
    return fields;
  }
  for (size_t i = 0; i < found->size(); ++i) {
    std::optional<Field> field =
        FieldReader((*found)[i], std::string(list) + "[" + std::to_string(i) + "]", faults).Read();
    if (field) fields.push_back(*std::move(field));
  }
  return fields;
}

std::string JsonString(std::string_view text) { return Json(text).dump(); }

std::string TypeJson(const Type& type) {
  const auto name = [](TypeKind kind) { return JsonString(TypeKindName(kind)); };
  switch (type.kind()) {
    case TypeKind::kList:
      return "{\"ListType\":{\"elementType\":" + name(type.element()) + "}}";
    case TypeKind::kMap:
      return "{\"MapType\":{\"keyType\":" + name(type.element()) + ",\"valueType\":" + name(type.value()) + "}}";
    default:
      return name(type.kind());
  }
}

std::string FieldsJson(std::span<const Field> fields) {
  std::string json = "[";
  for (const Field& field : fields) {
    if (json.size() > 1) json += ",";
    json += "{\"name\":" + JsonString(field.name) + ",\"type\":" + TypeJson(field.type);
    if (field.nullable) json += ",\"nullable\":true";
    json += "}";
  }
  return json + "]";
}

}  // namespace

Result<Schema> ParseSchemaJson(std::string_view text) {
  Result<Json> json = ParseJsonText(text);
  if (!json.ok()) return WithContext(json.status(), "schema");
  if (!json->is_object()) return Error(ErrorKind::kInvalid, "schema: not a JSON object but ", json->type_name());
  FaultList faults;
  CheckMembers(*json, {kRowKeyFields, kSortKeyFields, kValueFields}, "the schema", faults);
  SchemaFields fields;
  fields.row_keys = ReadFields(*json, kRowKeyFields, faults);
  fields.sort_keys = ReadFields(*json, kSortKeyFields, faults);
  fields.values = ReadFields(*json, kValueFields, faults);
  if (faults.empty()) return Schema::Make(std::move(fields));
  // Whatever else is wrong with the fields that could be read comes along; a list that lost some may merely look empty.
  if (!fields.row_keys.empty()) faults.Add(Schema::Make(std::move(fields)).status());
  return faults.ToStatus("schema");
}

std::string WriteSchemaJson(const Schema& schema) {
  return "{\"rowKeyFields\":" + FieldsJson(schema.row_key_fields()) +
         ",\"sortKeyFields\":" + FieldsJson(schema.sort_key_fields()) +
         ",\"valueFields\":" + FieldsJson(schema.value_fields()) + "}";
}

}  // namespace sleeper::model
