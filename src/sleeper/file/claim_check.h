#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/file/data_file_summary.h"
#include "sleeper/file/file_index.h"
#include "sleeper/file/file_schema.h"
#include "sleeper/file/page_bounds.h"
#include "sleeper/file/page_rows.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/model/row_hash.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// The file whose claims are checked. The store must outlive the check.
struct ClaimSource {
  store::ObjectStore* store = nullptr;
  store::ObjectPath path;
  std::shared_ptr<const FileIndex> index;
  /// What the index was read from.
  Buffer tail;
  std::shared_ptr<const columnar::Layout> layout;
};

/// What was seen of some values. Value.
struct SeenValues {
  /// Of those that are not null; nothing if there are none, or if one is no number.
  std::optional<PageBounds> bounds;
  bool is_ordered = true;
  int64_t nulls = 0;
  int64_t valid = 0;

  void Add(const SeenValues& more, PhysicalType type);
};

/// Compares what a data file says of its row groups and their values with all of its rows: bounds and numbers of nulls
/// in the statistics of its column chunks and in their column indexes, that its Bloom filters have each value, and the
/// row hash and the first and last key of each row group. Confined.
///
/// Holds the Bloom filters of one row group, whole, and the values of the rows that are added.
class ClaimCheck {
 public:
  ClaimCheck(ClaimSource source, const CallContext& call);

  /// Looks at the next rows of the file: all fields, in the file's order. kCorrupt, naming row group and field, if
  /// something that is said of them is wrong. What is said of a page, or of a row group, is looked at with its last
  /// row.
  Status Add(const columnar::Batch& batch);

  /// Of all rows that were added.
  model::RowHash row_hash() const { return hasher_.sum(); }

 private:
  /// A Parquet column that is no part of a list or map, in the row group at hand.
  struct Column {
    explicit Column(size_t number, const Leaf& of) : leaf(number), field(of.field), rows(of.shape) {}

    size_t leaf;
    int field;
    std::optional<ColumnIndex> index;
    /// The bits of its Bloom filter; empty if there is none.
    Buffer filter;
    /// Those that are looked at.
    PageRows rows;
    size_t page = 0;
    SeenValues of_page;
    SeenValues of_chunk;
  };

  /// Compares rows that lie in the row group at hand.
  Status AddToRowGroup(const columnar::Batch& rows);
  Status OpenRowGroup();
  /// What is said of the row group as a whole.
  Status EndRowGroup();
  Status OpenColumn(Column& column);
  Status ReadFilters();
  Status AddToColumn(Column& column, const columnar::Batch& rows);
  Status EndPage(Column& column);
  Status EndChunk(const Column& column) const;
  /// The first row behind the page that a column is at.
  int64_t EndOfPage(const Column& column) const;
  Status InField(const Status& status, const Column& column) const;

  const RowGroupIndex& row_group() const { return source_.index->row_groups[number_]; }
  const ColumnChunkMetadata& ChunkOf(const Column& column) const {
    return source_.index->footer.row_groups[number_].columns[column.leaf];
  }

  ClaimSource source_;
  CallContext call_;
  std::vector<Column> columns_;
  /// Empty if the file does not say.
  std::vector<RowGroupSummary> summaries_;
  columnar::RowHasher hasher_;
  columnar::KeyColumn edge_key_;
  /// The row group at hand, and how many of its rows were looked at.
  size_t number_ = 0;
  int64_t row_ = 0;
  model::RowHash hash_before_;
  /// Of the rows that were looked at.
  model::KeyBounds keys_;
};

}  // namespace sleeper::file
