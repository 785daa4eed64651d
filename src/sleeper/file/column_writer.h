#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/type_fwd.h>
#include <parquet/file_writer.h>
#include <parquet/properties.h>
#include <parquet/types.h>

#include "sleeper/base/status.h"
#include "sleeper/file/parquet_schema.h"
#include "sleeper/model/field.h"

namespace sleeper::file {

/// Writes columns of batches into the leaves of a row group: makes of validity and list offsets the definition and
/// repetition levels that Parquet has in their place. Confined. Throws what libparquet throws.
class ColumnWriter {
 public:
  ColumnWriter();

  /// Appends the rows of `array`, which has the field's type, to the leaves `leaves` of `row_group`.
  Status Write(const model::Field& field, const arrow::Array& array, LeafRange leaves,
               parquet::RowGroupWriter& row_group);

 private:
  /// Fields of one leaf without repetition go through libparquet's interface for plain values, which is twice as fast
  /// as the one for Arrow arrays: that one allocates memory for each string.
  Status WriteFlat(const model::Field& field, const arrow::Array& array, parquet::ColumnWriter& leaf);
  template <typename Leaf>
  Status WriteFixed(const arrow::Array& array, const int16_t* definition_levels, parquet::ColumnWriter& leaf);
  Status WriteBytes(const arrow::BinaryArray& array, const int16_t* definition_levels, parquet::ColumnWriter& leaf);
  Status WriteBooleans(const arrow::BooleanArray& array, const int16_t* definition_levels, parquet::ColumnWriter& leaf);
  /// The definition levels of a flat field; null if it cannot be null.
  const int16_t* FillFlatLevels(const model::Field& field, const arrow::Array& array);

  Status WriteList(const model::Field& field, const arrow::ListArray& array, parquet::ColumnWriter& leaf);
  Status WriteMap(const model::Field& field, const arrow::MapArray& array, parquet::ColumnWriter& key,
                  parquet::ColumnWriter& value);

  /// Fills the levels for a leaf below the lists `array`, whose elements are `elements`, from the first row's on.
  void FillNestedLevels(const model::Field& field, const arrow::ListArray& array, const arrow::Array& elements,
                        bool element_nullable);
  Status WriteLeaf(const arrow::Array& elements, bool nullable, parquet::ColumnWriter& leaf);

  std::shared_ptr<parquet::ArrowWriterProperties> properties_;
  parquet::ArrowWriteContext context_;
  std::vector<int16_t> definition_levels_;
  std::vector<int16_t> repetition_levels_;
  std::vector<parquet::ByteArray> byte_arrays_;
};

}  // namespace sleeper::file
