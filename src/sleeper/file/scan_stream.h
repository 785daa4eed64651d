#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/columnar/gather.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/column_decoder.h"
#include "sleeper/file/file_index.h"
#include "sleeper/file/scan_plan.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// What a scan reads, and of what.
struct ScanInput {
  store::ObjectStore* store = nullptr;
  store::ObjectPath path;
  /// Kept alive by the stream.
  std::shared_ptr<const FileIndex> index;
  /// Sorted and disjoint.
  std::vector<model::KeyInterval> intervals;
  std::shared_ptr<const columnar::Layout> layout;
  int64_t batch_rows_max = 0;
  int64_t window_bytes_max = 0;
  int64_t page_bytes_max = 0;
};

/// Decodes the wanted rows of a file, row group by row group, in key order. Where rows have to be picked by their keys,
/// the row keys are decoded first and the other columns only where rows were picked. Confined.
class ScanStream final : public rows::RowStream {
 public:
  ScanStream(ScanInput input, const CallContext& call);

  const std::shared_ptr<const columnar::Layout>& layout() const override { return input_.layout; }
  Result<std::optional<columnar::Batch>> Next() override;

 private:
  /// A field that is decoded, and the Parquet columns that it has.
  struct Column {
    const model::Field* field;
    std::vector<size_t> leaves;
    std::unique_ptr<ColumnDecoder> decoder;
  };

  /// Rows of a row group, or of a batch.
  struct RowRun {
    int64_t begin = 0;
    int64_t end = 0;
    int64_t rows() const { return end - begin; }
  };

  /// Opens the next row group that has wanted rows. False if there is none.
  Result<bool> NextRowGroup();
  Status AskFilters();
  void OpenRowGroup(const RowGroupIndex& row_group);

  Result<columnar::Batch> ReadAll(RowRun rows);
  /// The rows of `rows` inside the intervals; nothing if there are none.
  Result<std::optional<columnar::Batch>> ReadWanted(RowRun rows);
  Result<columnar::Batch> ReadRowKeys(RowRun rows);
  /// The runs of rows inside the intervals, of a batch whose row keys are in keys_.
  std::vector<RowRun> WantedRuns() const;
  Result<std::shared_ptr<arrow::ArrayData>> ReadColumn(Column& column, RowRun rows);

  ScanInput input_;
  CallContext call_;
  /// The row keys alone.
  std::shared_ptr<const columnar::Layout> row_key_layout_;
  std::shared_ptr<columnar::BufferRecycler> recycler_;
  std::shared_ptr<PageDecoder> page_decoder_;
  /// Those of the whole schema.
  std::vector<Leaf> leaves_;
  /// Those of the layout wanted, and behind them the row keys that it lacks.
  std::vector<Column> columns_;
  /// Which of the columns hold the row keys, in their order.
  std::vector<size_t> row_key_columns_;
  columnar::KeyColumn keys_;
  columnar::Gather gather_;

  /// For each row group, the intervals that its Bloom filters leave; empty if they were not asked, or not yet.
  std::vector<std::vector<model::KeyInterval>> kept_;
  bool has_asked_filters_ = false;
  size_t next_row_group_ = 0;
  std::deque<Stretch> stretches_;
};

}  // namespace sleeper::file
