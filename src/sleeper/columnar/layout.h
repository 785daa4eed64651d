#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "sleeper/base/status.h"
#include "sleeper/model/schema.h"

namespace sleeper::columnar {

/// Which of a table's fields the batches of a stream have, and in which order. Immutable; shared by all batches of a
/// stream.
class Layout {
 public:
  /// All fields, in the table's order: row keys, sort keys, values.
  static std::shared_ptr<const Layout> Of(model::Schema schema);

  /// The named fields of the same table, in the order given. kInvalid for an unknown or repeated name, or none at all.
  Result<std::shared_ptr<const Layout>> Select(std::span<const std::string> names) const;

  /// The fields of this layout and, behind them, those key fields (or row-key fields) of the table that it lacks.
  std::shared_ptr<const Layout> WithKeys() const { return WithLeadingFields(schema_.key_count()); }
  std::shared_ptr<const Layout> WithRowKeys() const { return WithLeadingFields(schema_.row_key_count()); }

  /// The table's schema, of which this layout shows all or some fields.
  const model::Schema& schema() const { return schema_; }

  /// The Arrow schema of the batches.
  const std::shared_ptr<arrow::Schema>& arrow_schema() const { return arrow_schema_; }

  int columns() const { return static_cast<int>(fields_.size()); }
  const model::Field& field(int column) const { return schema_.field(fields_[static_cast<size_t>(column)]); }

  /// The column that holds the named field, if this layout has it.
  std::optional<int> Find(std::string_view name) const;

  /// The columns of the row keys, then of the sort keys, in key order. REQUIRES: has_keys().
  std::span<const int> key_columns() const { return key_columns_; }

  /// The columns of the row keys. REQUIRES: has_row_keys().
  std::span<const int> row_key_columns() const { return row_key_columns_; }

  /// True if every row key and sort key is there, which sorting, merging and writing need.
  bool has_keys() const { return !key_columns_.empty(); }

  /// True if every row key is there, which cutting at intervals of keys needs.
  bool has_row_keys() const { return !row_key_columns_.empty(); }

  /// True if all fields are there, in the table's order.
  bool is_whole() const;

  friend bool operator==(const Layout& a, const Layout& b);

 private:
  Layout(model::Schema schema, std::vector<int> fields);
  std::shared_ptr<const Layout> WithLeadingFields(int count) const;

  model::Schema schema_;
  /// Where each of our columns stands in the schema.
  std::vector<int> fields_;
  std::shared_ptr<arrow::Schema> arrow_schema_;
  /// Each empty unless all of them are there.
  std::vector<int> key_columns_;
  std::vector<int> row_key_columns_;
};

}  // namespace sleeper::columnar
