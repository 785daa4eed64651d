#include "sleeper/columnar/arrow_types.h"

#include <optional>
#include <utility>

#include <arrow/type.h>

#include "sleeper/base/check.h"

namespace sleeper::columnar {
namespace {

std::shared_ptr<arrow::DataType> PrimitiveToArrow(model::TypeKind kind) {
  switch (kind) {
    case model::TypeKind::kInt:
      return arrow::int32();
    case model::TypeKind::kLong:
      return arrow::int64();
    case model::TypeKind::kString:
      return arrow::utf8();
    case model::TypeKind::kBytes:
      return arrow::binary();
    case model::TypeKind::kDate:
      return arrow::date32();
    case model::TypeKind::kTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case model::TypeKind::kBoolean:
      return arrow::boolean();
    case model::TypeKind::kFloat:
      return arrow::float32();
    case model::TypeKind::kDouble:
      return arrow::float64();
    case model::TypeKind::kList:
    case model::TypeKind::kMap:
      break;
  }
  SLEEPER_CHECK(false, "not a primitive type: ", static_cast<int>(kind));
  return nullptr;
}

std::optional<model::TypeKind> PrimitiveFromArrow(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::INT32:
      return model::TypeKind::kInt;
    case arrow::Type::INT64:
      return model::TypeKind::kLong;
    case arrow::Type::STRING:
      return model::TypeKind::kString;
    case arrow::Type::BINARY:
      return model::TypeKind::kBytes;
    case arrow::Type::DATE32:
      return model::TypeKind::kDate;
    case arrow::Type::BOOL:
      return model::TypeKind::kBoolean;
    case arrow::Type::FLOAT:
      return model::TypeKind::kFloat;
    case arrow::Type::DOUBLE:
      return model::TypeKind::kDouble;
    case arrow::Type::TIMESTAMP:
      if (type.Equals(*PrimitiveToArrow(model::TypeKind::kTimestamp))) return model::TypeKind::kTimestamp;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::shared_ptr<arrow::DataType> ToArrow(const model::Type& type) {
  switch (type.kind()) {
    case model::TypeKind::kList:
      return arrow::list(arrow::field("element", PrimitiveToArrow(type.element())));
    case model::TypeKind::kMap:
      return arrow::map(PrimitiveToArrow(type.element()), PrimitiveToArrow(type.value()));
    default:
      return PrimitiveToArrow(type.kind());
  }
}

std::shared_ptr<arrow::Field> ToArrow(const model::Field& field) {
  return arrow::field(field.name, ToArrow(field.type), field.nullable);
}

Result<model::Type> FromArrow(const arrow::DataType& type) {
  if (std::optional<model::TypeKind> kind = PrimitiveFromArrow(type)) return model::Type(*kind);
  if (type.id() == arrow::Type::LIST) {
    const auto& list = static_cast<const arrow::ListType&>(type);
    std::optional<model::TypeKind> element = PrimitiveFromArrow(*list.value_type());
    if (element) return model::Type::List(*element);
  }
  if (type.id() == arrow::Type::MAP) {
    const auto& map = static_cast<const arrow::MapType&>(type);
    std::optional<model::TypeKind> key = PrimitiveFromArrow(*map.key_type());
    std::optional<model::TypeKind> value = PrimitiveFromArrow(*map.item_type());
    if (key && value) return model::Type::Map(*key, *value);
  }
  return Error(ErrorKind::kInvalid, "no table can hold this Arrow type: ", type.ToString());
}

}  // namespace sleeper::columnar
