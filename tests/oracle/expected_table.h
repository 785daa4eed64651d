#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/model/key_value.h"
#include "sleeper/model/schema.h"

namespace sleeper::oracle {

/// A row as the oracle remembers it. Value.
struct Row {
  /// Row keys, then sort keys.
  model::KeyTuple key;
  /// The text of each field, in the table's order.
  std::vector<std::string> fields;
};

/// The rows of a batch that has all fields of its table.
std::vector<Row> RowsOf(const columnar::Batch& batch);

/// The bounds of one row-key field as a query asks for them.
struct Bounds {
  int column = 0;
  /// Without it the range is open below.
  std::optional<model::KeyValue> min;
  bool min_inclusive = true;
  std::optional<model::KeyValue> max;
  bool max_inclusive = false;

  bool Contain(const model::KeyTuple& key) const;
  std::string ToString(const model::Schema& schema) const;
};

/// What a query asks for, in the oracle's own terms. Nothing in particular: the whole table.
struct Wanted {
  /// Rows inside all bounds of at least one of these.
  std::vector<std::vector<Bounds>> regions;
  /// Rows with one of these row keys.
  std::vector<model::KeyTuple> keys;
  /// The fields, by position; all if empty.
  std::vector<int> select;
  std::optional<int64_t> limit;
  /// No row at all.
  bool nothing = false;

  bool Contains(const model::KeyTuple& key) const;
  std::string ToString(const model::Schema& schema) const;
};

/// What a table must hold: a list of rows in key order, in memory, without files, partitions or normalised keys.
class ExpectedTable {
 public:
  explicit ExpectedTable(model::Schema schema) : schema_(std::move(schema)) {}

  void Add(const std::vector<Row>& rows);
  void Clear() { rows_.clear(); }

  int64_t size() const { return static_cast<int64_t>(rows_.size()); }
  const std::vector<Row>& rows() const { return rows_; }
  const model::Schema& schema() const { return schema_; }

  /// kInternal with the first difference unless `got`, each row as text, is an answer: the wanted rows in key order,
  /// where rows of equal keys may come in any order, up to the limit.
  Status Check(const Wanted& wanted, const std::vector<std::string>& got) const;

 private:
  std::string TextOf(const Row& row, const std::vector<int>& select) const;

  model::Schema schema_;
  /// In key order.
  std::vector<Row> rows_;
};

}  // namespace sleeper::oracle
