#include "sleeper/exchange/cast.h"

#include <utility>

#include <arrow/array.h>
#include <arrow/compute/api_vector.h>
#include <arrow/extension_type.h>
#include <arrow/scalar.h>
#include <arrow/util/bitmap_ops.h>

#include "sleeper/columnar/arrow_types.h"
#include "sleeper/exchange/cast_kernels.h"

namespace sleeper::exchange {
namespace {

using model::TypeKind;

bool IsText(arrow::Type::type id) {
  return id == arrow::Type::STRING || id == arrow::Type::LARGE_STRING || id == arrow::Type::STRING_VIEW;
}

bool IsBytes(arrow::Type::type id) {
  return id == arrow::Type::BINARY || id == arrow::Type::LARGE_BINARY || id == arrow::Type::BINARY_VIEW ||
         id == arrow::Type::FIXED_SIZE_BINARY;
}

bool IsNumber(arrow::Type::type id) {
  return arrow::is_integer(id) || arrow::is_floating(id) || id == arrow::Type::DECIMAL32 ||
         id == arrow::Type::DECIMAL64 || id == arrow::Type::DECIMAL128 || id == arrow::Type::DECIMAL256;
}

bool IsCalendar(arrow::Type::type id) {
  return id == arrow::Type::DATE32 || id == arrow::Type::DATE64 || id == arrow::Type::TIMESTAMP;
}

bool IsList(arrow::Type::type id) {
  return id == arrow::Type::LIST || id == arrow::Type::LARGE_LIST || id == arrow::Type::FIXED_SIZE_LIST;
}

// The elements of a dictionary's indices, as a plain array.
ArrayResult Decoded(const arrow::Array& values) {
  const auto& dictionary = static_cast<const arrow::DictionaryArray&>(values);
  return arrow::compute::Take(*dictionary.dictionary(), *dictionary.indices(),
                              arrow::compute::TakeOptions::BoundsCheck());
}

Status CheckNulls(const arrow::Array& values, const model::Field& field, const Place& first) {
  if (field.nullable || values.null_count() == 0) return Status::OK();
  int64_t row = 0;
  while (!values.IsNull(row)) ++row;
  Place place = first;
  place.row += row;
  return place.Refuse("null in a field that is not nullable");
}

}  // namespace

Status CastPlace::Refuse(const arrow::Array& values, int64_t index, std::string_view why) const {
  Place place = first_;
  place.row += row_of_(index);
  TRY_ASSIGN(const std::shared_ptr<arrow::Scalar> value, values.GetScalar(index));
  return place.Refuse(why, value->ToString());
}

CastPlace CastPlace::Inside(std::function<int64_t(int64_t)> row_of) const {
  return CastPlace(first_, [outer = row_of_, inner = std::move(row_of)](int64_t index) { return outer(inner(index)); });
}

bool CanCast(const arrow::DataType& from, const model::Type& to) {
  if (from.id() == arrow::Type::NA) return true;
  if (from.id() == arrow::Type::DICTIONARY) {
    return CanCast(*static_cast<const arrow::DictionaryType&>(from).value_type(), to);
  }
  if (from.id() == arrow::Type::EXTENSION) {
    return CanCast(*static_cast<const arrow::ExtensionType&>(from).storage_type(), to);
  }
  switch (to.kind()) {
    case TypeKind::kInt:
    case TypeKind::kLong:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return IsNumber(from.id());
    case TypeKind::kBoolean:
      return from.id() == arrow::Type::BOOL;
    case TypeKind::kString:
    case TypeKind::kBytes:
      return IsText(from.id()) || IsBytes(from.id());
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
      return IsCalendar(from.id());
    case TypeKind::kList:
      return IsList(from.id()) && CanCast(*from.field(0)->type(), to.element());
    case TypeKind::kMap: {
      if (from.id() != arrow::Type::MAP) return false;
      const auto& map = static_cast<const arrow::MapType&>(from);
      return CanCast(*map.key_type(), to.element()) && CanCast(*map.item_type(), to.value());
    }
  }
  return false;
}

ArrayResult CastValues(const std::shared_ptr<arrow::Array>& values, const model::Type& to, const CastPlace& place) {
  switch (values->type_id()) {
    case arrow::Type::NA:
      return arrow::MakeArrayOfNull(columnar::ToArrow(to), values->length());
    case arrow::Type::DICTIONARY: {
      TRY_ASSIGN(const auto plain, Decoded(*values));
      return CastValues(plain, to, place);
    }
    case arrow::Type::EXTENSION:
      return CastValues(static_cast<const arrow::ExtensionArray&>(*values).storage(), to, place);
    default:
      break;
  }
  switch (to.kind()) {
    case TypeKind::kInt:
      return CastToInt(*values, place);
    case TypeKind::kLong:
      return CastToLong(*values, place);
    case TypeKind::kFloat:
      return CastToFloat(*values, place);
    case TypeKind::kDouble:
      return CastToDouble(*values, place);
    case TypeKind::kBoolean:
      return values;
    case TypeKind::kDate:
      return CastToDate(*values, place);
    case TypeKind::kTimestamp:
      return CastToTimestamp(*values, place);
    case TypeKind::kString:
      return CastToString(*values, place);
    case TypeKind::kBytes:
      return CastToBytes(*values, place);
    case TypeKind::kList:
      return CastToList(*values, to, place);
    case TypeKind::kMap:
      return CastToMap(*values, to, place);
  }
  return Error(ErrorKind::kInternal, "no cast to ", to.ToString());
}

Result<std::shared_ptr<arrow::Buffer>> ValidityOf(const arrow::Array& values) {
  if (values.null_count() == 0) return nullptr;
  return arrow::internal::CopyBitmap(arrow::default_memory_pool(), values.null_bitmap_data(), values.offset(),
                                     values.length());
}

std::shared_ptr<arrow::Array> WithType(const arrow::Array& values, std::shared_ptr<arrow::DataType> type) {
  std::shared_ptr<arrow::ArrayData> data = values.data()->Copy();
  data->type = std::move(type);
  return arrow::MakeArray(std::move(data));
}

Result<std::shared_ptr<arrow::Array>> CastColumn(const std::shared_ptr<arrow::Array>& column, const model::Field& field,
                                                 const Place& first) {
  const CastPlace place(first, [](int64_t index) { return index; });
  TRY_ASSIGN(std::shared_ptr<arrow::Array> values, CastValues(column, field.type, place));
  TRY(CheckNulls(*values, field, first));
  return values;
}

}  // namespace sleeper::exchange
