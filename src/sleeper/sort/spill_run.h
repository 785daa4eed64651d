#pragma once

#include <cstdint>
#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/store/scratch.h"

namespace sleeper::sort {

/// Sorted rows in scratch space: batches as Arrow's stream format has them, not compressed. Immutable.
struct SpillRun {
  std::shared_ptr<const store::ScratchRun> bytes;
  int64_t rows = 0;
};

/// Writes all rows of a stream. kExhausted if the space is full.
Result<SpillRun> WriteSpillRun(store::ScratchSpace& scratch, rows::RowStream& rows, const CallContext& call);

/// Reads them back, a batch at a time. What `call` points at must outlive the stream.
Result<std::unique_ptr<rows::RowStream>> ReadSpillRun(SpillRun run, std::shared_ptr<const columnar::Layout> layout,
                                                      const CallContext& call);

}  // namespace sleeper::sort
