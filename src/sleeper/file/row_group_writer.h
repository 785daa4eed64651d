#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/file/column_chunk_writer.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/file/file_schema.h"
#include "sleeper/file/page_gather.h"
#include "sleeper/file/row_block.h"
#include "sleeper/file/row_proof.h"
#include "sleeper/rows/merge_plan.h"

namespace sleeper::file {

/// Makes rows into the column chunks of one row group after the other. Pages of all columns end at the same rows, each
/// multiple of `page_rows_max`; those of wide columns also in between. Confined.
class RowGroupWriter {
 public:
  RowGroupWriter(const model::Schema& schema, const DataFileSettings& settings);

  /// Appends the rows [begin, begin + count) of a batch of all fields.
  Status Append(const columnar::Batch& batch, int64_t begin, int64_t count);

  /// Gathers the rows of a step of a merge, and shows them to `proof`.
  Status Gather(std::span<PageInput* const> inputs, const rows::MergeStep& step, RowProof& proof);

  /// Appends the rows of a block, and shows them to `proof`. REQUIRES: no column is of lists or maps.
  Status Append(RowBlock& block, RowProof& proof);

  int64_t rows() const { return rows_; }
  /// About the size that the row group has so far.
  int64_t bytes() const;

  /// Ends the row group, which will lie at `offset` of the file: its chunks one behind the other. Their bytes live
  /// until Clear(). REQUIRES: there are rows.
  Result<std::vector<WrittenChunk>> Finish(int64_t offset);

  /// Starts the next row group.
  void Clear();

 private:
  /// Appends `count` rows to the pages of a column and shows them to `proof`: `append(done, rows)` appends at most so
  /// many of the next ones to the page at hand, and says how many.
  template <typename AppendRows>
  Status AppendColumn(size_t leaf, int64_t count, RowProof& proof, AppendRows append);

  int64_t page_rows_max_;
  std::vector<Leaf> leaves_;
  std::vector<ColumnChunkWriter> columns_;
  PageGather gather_;
  int64_t rows_ = 0;
};

}  // namespace sleeper::file
