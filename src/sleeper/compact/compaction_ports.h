#pragma once

#include <cstdint>
#include <functional>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/model/ids.h"
#include "sleeper/store/object_store.h"

namespace sleeper::compact {

/// Where a compaction reads and writes. The ports must outlive it.
struct CompactionPorts {
  store::ObjectStore& store;
  model::TableId table;
  Executor& executor;
  Random& random;
  /// If set, hears of the rows that were read, batch by batch, from any thread.
  std::function<void(int64_t rows)> on_read = {};
  /// Pieces of the key range that may be merged at the same time; each takes the memory that MemoryOf says.
  int pieces_at_a_time = 1;
};

}  // namespace sleeper::compact
