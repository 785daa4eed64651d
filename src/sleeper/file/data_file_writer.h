#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/file/data_file_summary.h"
#include "sleeper/file/page_input.h"
#include "sleeper/file/row_block.h"
#include "sleeper/file/row_group_copy.h"
#include "sleeper/rows/merge_plan.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// Writes one sorted data file (docs/formats/data-file.md) and streams it to the store. Confined. Dropping it without
/// Finish aborts: nothing becomes visible.
///
/// It proves what it writes: the order is checked row by row, the row hash is computed from the batches.
class DataFileWriter {
 public:
  /// Starts the object `path`, which must not exist. `store`, and what `call` points at, must outlive the writer.
  /// REQUIRES: layout->is_whole().
  static Result<std::unique_ptr<DataFileWriter>> Open(store::ObjectStore& store, store::ObjectPath path,
                                                      std::shared_ptr<const columnar::Layout> layout,
                                                      const DataFileSettings& settings, const CallContext& call);
  virtual ~DataFileWriter() = default;

  /// Appends rows. kInternal, naming file and row, if they are not in key order, within the batch or behind the last
  /// one.
  virtual Status Write(const columnar::Batch& batch) = 0;

  /// Appends the rows of a step of a merge straight from the pages of its inputs, and takes them from these. `inputs`
  /// are those of the plan; null where one has ended. A file is written by batches or by steps. kInternal as above.
  /// REQUIRES: step.rows() <= step_rows_max().
  virtual Status Write(std::span<PageInput* const> inputs, const rows::MergeStep& step) = 0;

  /// Appends rows that lie in memory. It counts as a step. kInternal as above.
  /// REQUIRES: the table has no lists and maps; block.rows() <= step_rows_max().
  virtual Status Write(RowBlock& block) = 0;

  /// Whether a row group of that size is to be copied rather than written anew: its row keys must be greater than all
  /// that were written, and neither it nor the one at hand, which ends then, may be so small that the file would be cut
  /// to pieces.
  virtual bool IsWorthCopying(const RowGroupSummary& row_group, int64_t rows, int64_t bytes) const = 0;

  /// Appends a row group of another file as it lies there. Its rows are taken to be what its summary says; its pages
  /// have been checked. kInternal if its first row key is not greater than the last one written, and likewise for the
  /// rows that follow it.
  /// REQUIRES: the other file was written with the same settings; this one is written by steps.
  virtual Status Copy(RowGroupCopy row_group) = 0;

  /// The rows that a step may have.
  virtual int64_t step_rows_max() = 0;

  virtual int64_t rows() const = 0;

  /// The normalised row key of the last row written. REQUIRES: rows() > 0.
  virtual const model::NormalisedKey& last_row_key() const = 0;

  /// About the size that the file has so far, counting what is still in memory as it will be written.
  virtual int64_t bytes() const = 0;

  /// Writes indexes and footer and makes the object visible. kConflict if an object of that name exists already.
  /// REQUIRES: rows() > 0. Afterwards only the destructor may be called.
  virtual Result<DataFileSummary> Finish() = 0;
};

}  // namespace sleeper::file
