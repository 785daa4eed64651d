#pragma once

#include <cstdint>
#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::store {
class ScratchSpace;
}

namespace sleeper::sort {

struct SortSettings {
  /// All memory that the sort may take at a time: rows collected, rows being sorted and spilled, windows of the merge.
  int64_t memory_bytes_max = int64_t{1} << 30;
};

/// What a sort did, for reports.
struct SortStatistics {
  int64_t rows = 0;
  int64_t runs_spilled = 0;
  int64_t bytes_spilled = 0;
  /// True if the rows came in key order already, so that nothing was moved.
  bool was_sorted = true;
};

/// Sorts rows that need not fit in memory: collects batches up to a bound, sorts them column by column, spills sorted runs to
/// scratch space, and merges the runs. Stable: rows of equal keys keep the order in which they were added. Confined; uses the
/// executor so that the next rows are collected while the last ones are sorted and spilled.
///
/// Rows that arrive in key order are detected and pass without a sort.
class ExternalSort {
 public:
  /// `scratch`, `executor` and what `call` points at must outlive the sort and the stream that Finish returns.
  static Result<std::unique_ptr<ExternalSort>> Make(std::shared_ptr<const columnar::Layout> layout,
                                                    const SortSettings& settings, store::ScratchSpace& scratch,
                                                    Executor& executor, const CallContext& call);
  virtual ~ExternalSort() = default;

  /// Adds rows in any order. kExhausted if the scratch space is full. After a failure only the destructor may be called.
  virtual Status Add(columnar::Batch batch) = 0;

  /// All rows in key order. The sort must outlive the stream. Afterwards nothing may be added.
  virtual Result<std::unique_ptr<rows::RowStream>> Finish() = 0;

  /// Final once the stream of Finish has ended.
  virtual const SortStatistics& statistics() const = 0;
};

}  // namespace sleeper::sort
