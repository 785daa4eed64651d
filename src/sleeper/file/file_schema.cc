#include "sleeper/file/file_schema.h"

#include <algorithm>
#include <utility>

namespace sleeper::file {
namespace {

LogicalType LogicalTypeOf(model::TypeKind kind) {
  switch (kind) {
    case model::TypeKind::kString:
      return LogicalType::kString;
    case model::TypeKind::kDate:
      return LogicalType::kDate;
    case model::TypeKind::kTimestamp:
      return LogicalType::kTimestampMicrosUtc;
    default:
      return LogicalType::kNone;
  }
}

SchemaElement Primitive(const std::string& name, Repetition repetition, model::TypeKind kind) {
  return {.name = name, .repetition = repetition, .type = PhysicalTypeOf(kind), .logical = LogicalTypeOf(kind)};
}

SchemaElement Group(const std::string& name, Repetition repetition, LogicalType logical, int32_t children) {
  return {.name = name, .repetition = repetition, .logical = logical, .children = children};
}

LeafShape FlatShape(const model::Field& field) {
  return {.type = PhysicalTypeOf(field.type.kind()), .max_definition = field.nullable ? 1 : 0};
}

LeafShape RepeatedShape(const model::Field& field, model::TypeKind kind, bool element_nullable) {
  const int empty_level = field.nullable ? 1 : 0;
  return {.type = PhysicalTypeOf(kind),
          .repeated = true,
          .max_definition = empty_level + 1 + (element_nullable ? 1 : 0),
          .empty_level = empty_level};
}

void AppendElements(const model::Field& field, std::vector<SchemaElement>& elements) {
  const Repetition repetition = field.nullable ? Repetition::kOptional : Repetition::kRequired;
  switch (field.type.kind()) {
    case model::TypeKind::kList:
      elements.push_back(Group(field.name, repetition, LogicalType::kList, 1));
      elements.push_back(Group("list", Repetition::kRepeated, LogicalType::kNone, 1));
      elements.push_back(Primitive("element", Repetition::kOptional, field.type.element()));
      return;
    case model::TypeKind::kMap:
      elements.push_back(Group(field.name, repetition, LogicalType::kMap, 1));
      elements.push_back(Group("key_value", Repetition::kRepeated, LogicalType::kNone, 2));
      elements.push_back(Primitive("key", Repetition::kRequired, field.type.element()));
      elements.push_back(Primitive("value", Repetition::kOptional, field.type.value()));
      return;
    default:
      elements.push_back(Primitive(field.name, repetition, field.type.kind()));
  }
}

}  // namespace

PhysicalType PhysicalTypeOf(model::TypeKind kind) {
  switch (kind) {
    case model::TypeKind::kInt:
    case model::TypeKind::kDate:
      return PhysicalType::kInt32;
    case model::TypeKind::kLong:
    case model::TypeKind::kTimestamp:
      return PhysicalType::kInt64;
    case model::TypeKind::kBoolean:
      return PhysicalType::kBoolean;
    case model::TypeKind::kFloat:
      return PhysicalType::kFloat;
    case model::TypeKind::kDouble:
      return PhysicalType::kDouble;
    default:
      SLEEPER_CHECK(model::IsPrimitive(kind), "not a primitive type: ", static_cast<int>(kind));
      return PhysicalType::kByteArray;
  }
}

std::vector<Leaf> LeavesOf(const model::Schema& schema) {
  std::vector<Leaf> leaves;
  for (int i = 0; i < schema.field_count(); ++i) {
    const model::Field& field = schema.field(i);
    switch (field.type.kind()) {
      case model::TypeKind::kList:
        leaves.push_back({i, RepeatedShape(field, field.type.element(), true), {field.name, "list", "element"}});
        break;
      case model::TypeKind::kMap:
        leaves.push_back({i, RepeatedShape(field, field.type.element(), false), {field.name, "key_value", "key"}});
        leaves.push_back({i, RepeatedShape(field, field.type.value(), true), {field.name, "key_value", "value"}});
        break;
      default:
        leaves.push_back({i, FlatShape(field), {field.name}});
    }
  }
  return leaves;
}

std::vector<SchemaElement> SchemaElementsOf(const model::Schema& schema) {
  std::vector<SchemaElement> elements;
  elements.push_back({.name = "row", .children = schema.field_count()});
  for (const model::Field& field : schema.fields()) AppendElements(field, elements);
  return elements;
}

Status CheckSchemaElements(std::span<const SchemaElement> found, const model::Schema& schema) {
  const std::vector<SchemaElement> expected = SchemaElementsOf(schema);
  const auto mismatch = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end(),
                                      // The name of the root and its repetition mean nothing.
                                      [&](const SchemaElement& a, const SchemaElement& b) {
                                        return &a == &expected.front() ? a.children == b.children && !b.type : a == b;
                                      });
  if (mismatch.first == expected.end() && mismatch.second == found.end()) return Status::OK();
  return Error(ErrorKind::kCorrupt, "the file's Parquet schema is not that of the table: expected ",
               mismatch.first == expected.end() ? "no more columns" : mismatch.first->name, ", found ",
               mismatch.second == found.end() ? "no more" : mismatch.second->name);
}

}  // namespace sleeper::file
