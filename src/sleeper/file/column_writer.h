#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/type_fwd.h>
#include <parquet/file_writer.h>
#include <parquet/properties.h>

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
  Status WriteFlat(const model::Field& field, const arrow::Array& array, parquet::ColumnWriter& leaf);
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
};

}  // namespace sleeper::file
