#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/model/key_value.h"
#include "sleeper/model/range.h"
#include "sleeper/model/schema.h"

namespace sleeper::model {

/// The rows whose row keys lie in all of some ranges, at most one for each row-key field; a field without one is
/// unrestricted. Immutable.
class Region {
 public:
  /// kInvalid names every fault: a range of no row-key field ("not a row key"), of another type, two of one field.
  static Result<Region> Make(const Schema& schema, std::vector<Range> ranges);

  /// Every row.
  static Region All(const Schema& schema);

  const Schema& schema() const { return schema_; }

  /// The range of a row-key field, or null if it is unrestricted. REQUIRES: schema().IsRowKey(column).
  const Range* RangeOf(int column) const;

  /// True if nothing can be inside.
  bool empty() const;

  /// REQUIRES: `row_key` holds at least the row keys, of the schema's types; what follows is not looked at.
  bool Contains(std::span<const KeyValue> row_key) const;

  /// True unless the two are apart in some field, or either is empty. REQUIRES: both are of one schema.
  bool Overlaps(const Region& other) const;

  /// For messages: "origin=[A,B) and date=[2001-01-01,)", or "everything".
  std::string ToString() const;

  friend bool operator==(const Region&, const Region&) = default;

 private:
  Region(Schema schema, std::vector<std::optional<Range>> ranges)
      : schema_(std::move(schema)), ranges_(std::move(ranges)) {}

  Schema schema_;
  /// One for each row-key field.
  std::vector<std::optional<Range>> ranges_;
};

}  // namespace sleeper::model
