#include "sleeper/file/column_writer.h"

#include <utility>

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/memory_pool.h>
#include <parquet/column_writer.h>

namespace sleeper::file {
namespace {

/// The elements of the lists that are not null, in order. A null list may have elements in Arrow, but has none in
/// Parquet.
Result<std::shared_ptr<arrow::Array>> ElementsOf(const arrow::ListArray& array,
                                                 const std::shared_ptr<arrow::Array>& child) {
  arrow::ArrayVector parts;
  int64_t begin = array.value_offset(0);
  for (int64_t row = 0; row < array.length(); ++row) {
    if (array.IsValid(row) || array.value_length(row) == 0) continue;
    parts.push_back(child->Slice(begin, array.value_offset(row) - begin));
    begin = array.value_offset(row + 1);
  }
  parts.push_back(child->Slice(begin, array.value_offset(array.length()) - begin));
  if (parts.size() == 1) return parts.front();
  return arrow::Concatenate(parts);
}

}  // namespace

ColumnWriter::ColumnWriter()
    : properties_(parquet::default_arrow_writer_properties()),
      context_(arrow::default_memory_pool(), properties_.get()) {}

Status ColumnWriter::Write(const model::Field& field, const arrow::Array& array, LeafRange leaves,
                           parquet::RowGroupWriter& row_group) {
  parquet::ColumnWriter& first = *row_group.column(leaves.first);
  switch (field.type.kind()) {
    case model::TypeKind::kList:
      return WriteList(field, static_cast<const arrow::ListArray&>(array), first);
    case model::TypeKind::kMap:
      return WriteMap(field, static_cast<const arrow::MapArray&>(array), first, *row_group.column(leaves.first + 1));
    default:
      return WriteFlat(field, array, first);
  }
}

const int16_t* ColumnWriter::FillFlatLevels(const model::Field& field, const arrow::Array& array) {
  if (!field.nullable) return nullptr;
  const auto rows = static_cast<size_t>(array.length());
  definition_levels_.assign(rows, 1);
  if (array.null_count() > 0) {
    for (size_t row = 0; row < rows; ++row) {
      definition_levels_[row] = array.IsValid(static_cast<int64_t>(row)) ? 1 : 0;
    }
  }
  return definition_levels_.data();
}

Status ColumnWriter::WriteFlat(const model::Field& field, const arrow::Array& array, parquet::ColumnWriter& leaf) {
  const int16_t* levels = FillFlatLevels(field, array);
  switch (leaf.type()) {
    case parquet::Type::BOOLEAN:
      return WriteBooleans(static_cast<const arrow::BooleanArray&>(array), levels, leaf);
    case parquet::Type::INT32:
      return WriteFixed<parquet::Int32Type>(array, levels, leaf);
    case parquet::Type::INT64:
      return WriteFixed<parquet::Int64Type>(array, levels, leaf);
    case parquet::Type::FLOAT:
      return WriteFixed<parquet::FloatType>(array, levels, leaf);
    case parquet::Type::DOUBLE:
      return WriteFixed<parquet::DoubleType>(array, levels, leaf);
    default:
      return WriteBytes(static_cast<const arrow::BinaryArray&>(array), levels, leaf);
  }
}

template <typename Leaf>
Status ColumnWriter::WriteFixed(const arrow::Array& array, const int16_t* definition_levels,
                                parquet::ColumnWriter& leaf) {
  auto& writer = static_cast<parquet::TypedColumnWriter<Leaf>&>(leaf);
  const auto* values = array.data()->GetValues<typename Leaf::c_type>(1);
  if (array.null_count() == 0) {
    writer.WriteBatch(array.length(), definition_levels, nullptr, values);
  } else {
    writer.WriteBatchSpaced(array.length(), definition_levels, nullptr, array.null_bitmap_data(), array.offset(),
                            values);
  }
  return Status::OK();
}

Status ColumnWriter::WriteBytes(const arrow::BinaryArray& array, const int16_t* definition_levels,
                                parquet::ColumnWriter& leaf) {
  byte_arrays_.resize(static_cast<size_t>(array.length()));
  const int32_t* offsets = array.raw_value_offsets();
  const uint8_t* data = array.value_data() == nullptr ? nullptr : array.value_data()->data();
  const bool nulls = array.null_count() > 0;
  parquet::ByteArray* next = byte_arrays_.data();
  for (int64_t row = 0; row < array.length(); ++row) {
    if (nulls && array.IsNull(row)) continue;
    *next++ = {static_cast<uint32_t>(offsets[row + 1] - offsets[row]), data + offsets[row]};
  }
  static_cast<parquet::ByteArrayWriter&>(leaf).WriteBatch(array.length(), definition_levels, nullptr,
                                                          byte_arrays_.data());
  return Status::OK();
}

Status ColumnWriter::WriteBooleans(const arrow::BooleanArray& array, const int16_t* definition_levels,
                                   parquet::ColumnWriter& leaf) {
  // Dense, one byte each.
  const auto values = std::make_unique<bool[]>(static_cast<size_t>(array.length()));
  size_t count = 0;
  for (int64_t row = 0; row < array.length(); ++row) {
    if (array.IsValid(row)) values[count++] = array.Value(row);
  }
  static_cast<parquet::BoolWriter&>(leaf).WriteBatch(array.length(), definition_levels, nullptr, values.get());
  return Status::OK();
}

void ColumnWriter::FillNestedLevels(const model::Field& field, const arrow::ListArray& array,
                                    const arrow::Array& elements, bool element_nullable) {
  const NestedLevels levels(field);
  definition_levels_.clear();
  repetition_levels_.clear();
  int64_t element = 0;
  for (int64_t row = 0; row < array.length(); ++row) {
    const bool valid = array.IsValid(row);
    const int64_t count = valid ? array.value_length(row) : 0;
    if (count == 0) {
      definition_levels_.push_back(valid ? levels.empty : static_cast<int16_t>(levels.empty - 1));
      repetition_levels_.push_back(0);
    }
    for (int64_t i = 0; i < count; ++i, ++element) {
      const bool holds_value = element_nullable && elements.IsValid(element);
      definition_levels_.push_back(static_cast<int16_t>(levels.present + (holds_value ? 1 : 0)));
      repetition_levels_.push_back(i == 0 ? 0 : 1);
    }
  }
}

Status ColumnWriter::WriteLeaf(const arrow::Array& elements, bool nullable, parquet::ColumnWriter& leaf) {
  return leaf.WriteArrow(definition_levels_.data(), repetition_levels_.data(),
                         static_cast<int64_t>(definition_levels_.size()), elements, &context_, nullable);
}

Status ColumnWriter::WriteList(const model::Field& field, const arrow::ListArray& array, parquet::ColumnWriter& leaf) {
  TRY_ASSIGN(const auto elements, ElementsOf(array, array.values()));
  FillNestedLevels(field, array, *elements, /*element_nullable=*/true);
  return WriteLeaf(*elements, /*nullable=*/true, leaf);
}

Status ColumnWriter::WriteMap(const model::Field& field, const arrow::MapArray& array, parquet::ColumnWriter& key,
                              parquet::ColumnWriter& value) {
  TRY_ASSIGN(const auto keys, ElementsOf(array, array.keys()));
  FillNestedLevels(field, array, *keys, /*element_nullable=*/false);
  TRY(WriteLeaf(*keys, /*nullable=*/false, key));
  TRY_ASSIGN(const auto values, ElementsOf(array, array.items()));
  FillNestedLevels(field, array, *values, /*element_nullable=*/true);
  return WriteLeaf(*values, /*nullable=*/true, value);
}

}  // namespace sleeper::file
