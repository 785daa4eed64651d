#pragma once

#include <span>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/file/parquet_format.h"
#include "sleeper/file/parquet_metadata.h"
#include "sleeper/model/schema.h"

namespace sleeper::file {

/// How the values of a Parquet column, a leaf, lie in its pages. Value.
struct LeafShape {
  PhysicalType type = PhysicalType::kInt32;
  /// Whether a row holds any number of values: the elements of a list, or the keys or values of a map.
  bool repeated = false;
  /// The definition level of values that are there; those of nulls are less.
  int max_definition = 0;
  /// Of repeated leaves: the level of an empty list. Null lists are below it, elements above.
  int empty_level = 0;

  /// Whether a slot (a row, or an element of a list) may hold no value.
  bool nullable() const { return max_definition > (repeated ? empty_level + 1 : 0); }
  /// Of repeated leaves: whether there are null lists.
  bool nullable_rows() const { return empty_level > 0; }

  friend bool operator==(const LeafShape&, const LeafShape&) = default;
};

/// How values of a primitive type are stored. REQUIRES: it is primitive.
PhysicalType PhysicalTypeOf(model::TypeKind kind);

/// A Parquet column of a table's data files. Value.
struct Leaf {
  /// Its field, by number.
  int field = 0;
  LeafShape shape;
  std::vector<std::string> path;
};

/// The Parquet columns of a schema, in order: one for each field, or for a map two.
std::vector<Leaf> LeavesOf(const model::Schema& schema);

/// The Parquet schema of a table's data files, as docs/formats/data-file.md has it.
std::vector<SchemaElement> SchemaElementsOf(const model::Schema& schema);

/// kCorrupt if a file's Parquet schema is not that of the table.
Status CheckSchemaElements(std::span<const SchemaElement> found, const model::Schema& schema);

}  // namespace sleeper::file
