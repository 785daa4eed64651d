#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/value_hash.h"
#include "sleeper/file/file_schema.h"
#include "sleeper/file/list_hashes.h"
#include "sleeper/file/page_rows.h"
#include "sleeper/model/row_hash.h"
#include "sleeper/model/schema.h"

namespace sleeper::file {

/// Proves rows that are gathered column by column into pages: that they are in key order, and what their hash is
/// (docs/formats/row-hash.md). It looks at what was put into the pages, not at where that came from. Confined.
class RowProof {
 public:
  explicit RowProof(const model::Schema& schema);

  /// Forgets the row before: other rows have been written since, and the caller vouches for the order.
  void Restart() { has_last_ = false; }

  /// Starts a step of so many rows, of which every column is shown then.
  void Begin(int64_t rows);

  /// Shows the rows of a column that were appended to `page` since `mark`; they are the rows of the step from `first`
  /// on. Columns come in order.
  void Add(size_t leaf, const PageRows& page, PageMark mark, int64_t first);

  /// Ends the step. kInternal, naming the row, if the key of one is less than that of the row before it, or if a map
  /// has not as many values as keys.
  Status End();

  /// The hash of each row of the last step, before it is finished: see columnar::value_hash::FinishRow.
  std::span<const uint64_t> row_sums() const { return sums_; }

  /// The sum over all rows of all steps.
  const model::RowHash& sum() const { return sum_; }

 private:
  /// What is known of a row and the one before it by the key columns seen so far.
  enum class Order : uint8_t { kEqual, kAscending, kDescending };

  /// The last value of a key column: bytes, or a number.
  struct Value {
    int64_t number = 0;
    std::string bytes;
  };

  /// What the values of a column are to a row.
  enum class Role : uint8_t { kField, kElements, kMapKeys, kMapValues };

  struct Column {
    columnar::value_hash::FieldKey key;
    /// Of the values.
    model::TypeKind kind;
    Role role;
  };

  static Column ColumnOf(const model::Field& field, Role role);
  void AddHashes(const Column& column, const PageRows& page, PageMark mark, int64_t first, std::span<uint64_t> sums);
  /// Where the first row of this order is; if there is none, the number of rows.
  size_t FirstOf(Order order) const;
  /// Compares the values of each row and the one before it, as far as that is not decided yet.
  void Compare(const PageRows& page, PageMark mark, std::span<Order> orders, const Value& last) const;
  void CompareBytes(const PageRows& page, PageMark mark, std::span<Order> orders, const Value& last) const;
  template <typename T>
  void CompareNumbers(const PageRows& page, PageMark mark, std::span<Order> orders, const Value& last) const;
  static void KeepLast(const PageRows& page, Value& last);

  std::vector<Column> columns_;
  size_t keys_;
  std::vector<Value> last_;

  std::vector<uint64_t> sums_;
  ListHashes lists_;
  /// Whether a map of the step has other values than keys.
  bool torn_map_ = false;
  std::vector<Order> orders_;
  /// Whether the key columns before the one at hand have decided the order of all rows of the step.
  bool all_told_apart_ = false;
  /// Whether last_ holds the key of the row before.
  bool has_last_ = false;
  int64_t rows_ = 0;
  model::RowHash sum_;
};

}  // namespace sleeper::file
