#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/model/field.h"

namespace sleeper::model {

/// More fields than this, or longer names, are refused.
inline constexpr int kFieldsMax = 10'000;
inline constexpr int kFieldNameBytesMax = 1'024;

/// The three lists of fields that a schema is made of.
struct SchemaFields {
  std::vector<Field> row_keys;
  std::vector<Field> sort_keys;
  std::vector<Field> values;
};

/// What the rows of a table look like: row keys, then sort keys, then values. Rows sort by row keys, then sort keys.
/// Immutable; copies share.
///
/// Invariant: at least one row key; keys are of key types and not nullable; names are distinct, not empty, and UTF-8.
class Schema {
 public:
  /// kInvalid names every fault at once.
  static Result<Schema> Make(SchemaFields fields);

  /// All fields in column order: row keys, sort keys, values.
  std::span<const Field> fields() const { return body_->fields; }
  const Field& field(int column) const { return body_->fields[static_cast<size_t>(column)]; }
  int field_count() const { return static_cast<int>(body_->fields.size()); }

  std::span<const Field> row_key_fields() const { return fields().first(body_->row_keys); }
  std::span<const Field> sort_key_fields() const { return key_fields().subspan(body_->row_keys); }
  /// Row keys and sort keys: what rows are ordered by.
  std::span<const Field> key_fields() const { return fields().first(body_->row_keys + body_->sort_keys); }
  std::span<const Field> value_fields() const { return fields().subspan(body_->row_keys + body_->sort_keys); }

  int row_key_count() const { return static_cast<int>(body_->row_keys); }
  int sort_key_count() const { return static_cast<int>(body_->sort_keys); }
  int key_count() const { return row_key_count() + sort_key_count(); }

  bool IsRowKey(int column) const { return column < row_key_count(); }
  bool IsKey(int column) const { return column < key_count(); }

  /// The column of the field called `name`, if there is one.
  std::optional<int> Find(std::string_view name) const;

  friend bool operator==(const Schema& a, const Schema& b);

 private:
  struct Body {
    std::vector<Field> fields;
    size_t row_keys = 0;
    size_t sort_keys = 0;
    /// Columns in the order of their names.
    std::vector<int> by_name;
  };

  explicit Schema(std::shared_ptr<const Body> body) : body_(std::move(body)) {}

  std::shared_ptr<const Body> body_;
};

}  // namespace sleeper::model
