#pragma once

#include <string>

#include "sleeper/model/property_map.h"
#include "sleeper/model/schema.h"

namespace sleeper::model {

/// What a table is, apart from its name, which the registry knows, and its rows. Immutable value.
struct TableDefinition {
  Schema schema;
  /// What was set for this table; instance-wide values and defaults are behind it: see properties.h.
  PropertyMap properties;
  /// Counts the definitions of the table, from 1.
  int version = 1;

  /// Identifies the parts that shape rows: schema, filters, aggregations. 32 hexadecimal digits, the same on every
  /// machine and in every version of the program. What was made under another hash must not become part of the table.
  std::string ShapeHash() const;

  friend bool operator==(const TableDefinition&, const TableDefinition&) = default;
};

}  // namespace sleeper::model
