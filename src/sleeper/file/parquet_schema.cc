#include "sleeper/file/parquet_schema.h"

#include <utility>
#include <vector>

#include <parquet/types.h>

#include "sleeper/base/check.h"

namespace sleeper::file {
namespace {

using parquet::LogicalType;
using parquet::Repetition;
using parquet::schema::GroupNode;
using parquet::schema::NodePtr;
using parquet::schema::PrimitiveNode;

NodePtr PrimitiveNodeOf(const std::string& name, Repetition::type repetition, model::TypeKind kind) {
  const auto make = [&](std::shared_ptr<const LogicalType> logical, parquet::Type::type physical) {
    return PrimitiveNode::Make(name, repetition, std::move(logical), physical);
  };
  switch (kind) {
    case model::TypeKind::kInt:
      return make(LogicalType::None(), parquet::Type::INT32);
    case model::TypeKind::kLong:
      return make(LogicalType::None(), parquet::Type::INT64);
    case model::TypeKind::kString:
      return make(LogicalType::String(), parquet::Type::BYTE_ARRAY);
    case model::TypeKind::kBytes:
      return make(LogicalType::None(), parquet::Type::BYTE_ARRAY);
    case model::TypeKind::kDate:
      return make(LogicalType::Date(), parquet::Type::INT32);
    case model::TypeKind::kTimestamp:
      return make(LogicalType::Timestamp(/*is_adjusted_to_utc=*/true, LogicalType::TimeUnit::MICROS),
                  parquet::Type::INT64);
    case model::TypeKind::kBoolean:
      return make(LogicalType::None(), parquet::Type::BOOLEAN);
    case model::TypeKind::kFloat:
      return make(LogicalType::None(), parquet::Type::FLOAT);
    case model::TypeKind::kDouble:
      return make(LogicalType::None(), parquet::Type::DOUBLE);
    case model::TypeKind::kList:
    case model::TypeKind::kMap:
      break;
  }
  SLEEPER_CHECK(false, "not a primitive type: ", static_cast<int>(kind));
  return nullptr;
}

NodePtr NodeOf(const model::Field& field) {
  const Repetition::type repetition = field.nullable ? Repetition::OPTIONAL : Repetition::REQUIRED;
  switch (field.type.kind()) {
    case model::TypeKind::kList: {
      const NodePtr element = PrimitiveNodeOf("element", Repetition::OPTIONAL, field.type.element());
      const NodePtr list = GroupNode::Make("list", Repetition::REPEATED, {element});
      return GroupNode::Make(field.name, repetition, {list}, LogicalType::List());
    }
    case model::TypeKind::kMap: {
      const NodePtr key = PrimitiveNodeOf("key", Repetition::REQUIRED, field.type.element());
      const NodePtr value = PrimitiveNodeOf("value", Repetition::OPTIONAL, field.type.value());
      const NodePtr entries = GroupNode::Make("key_value", Repetition::REPEATED, {key, value});
      return GroupNode::Make(field.name, repetition, {entries}, LogicalType::Map());
    }
    default:
      return PrimitiveNodeOf(field.name, repetition, field.type.kind());
  }
}

}  // namespace

std::shared_ptr<GroupNode> ParquetSchemaOf(const model::Schema& schema) {
  parquet::schema::NodeVector fields;
  for (const model::Field& field : schema.fields()) fields.push_back(NodeOf(field));
  return std::static_pointer_cast<GroupNode>(GroupNode::Make("row", Repetition::REQUIRED, fields));
}

std::vector<LeafRange> LeavesOf(const model::Schema& schema) {
  std::vector<LeafRange> leaves;
  int next = 0;
  for (const model::Field& field : schema.fields()) {
    const int count = field.type.kind() == model::TypeKind::kMap ? 2 : 1;
    leaves.push_back({.first = next, .count = count});
    next += count;
  }
  return leaves;
}

Status CheckParquetSchema(const parquet::SchemaDescriptor& file, const model::Schema& schema) {
  parquet::SchemaDescriptor expected;
  expected.Init(ParquetSchemaOf(schema));
  if (file.Equals(expected)) return Status::OK();
  return Error(ErrorKind::kCorrupt, "the file's Parquet schema is not that of the table: expected ",
               expected.ToString(), ", found ", file.ToString());
}

}  // namespace sleeper::file
