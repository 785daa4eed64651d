#pragma once

#include <memory>

#include <parquet/schema.h>

#include "sleeper/base/status.h"
#include "sleeper/model/schema.h"

namespace sleeper::file {

/// The Parquet schema of a table's data files, as docs/formats/data-file.md has it.
std::shared_ptr<parquet::schema::GroupNode> ParquetSchemaOf(const model::Schema& schema);

/// Which Parquet columns (leaves) a field has: one, or for a map two.
struct LeafRange {
  int first = 0;
  int count = 1;
};

std::vector<LeafRange> LeavesOf(const model::Schema& schema);

/// How deep a list's or map's levels go: the definition levels of an empty one and of one that has an element there.
/// The element's own validity, if it can be null, adds one more.
struct NestedLevels {
  explicit NestedLevels(const model::Field& field)
      : empty(field.nullable ? 1 : 0), present(static_cast<int16_t>(empty + 1)) {}
  int16_t empty;
  int16_t present;
};

/// kCorrupt if a file's schema is not that of the table.
Status CheckParquetSchema(const parquet::SchemaDescriptor& file, const model::Schema& schema);

}  // namespace sleeper::file
