#pragma once

#include <cstdint>
#include <functional>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/properties.h"
#include "sleeper/store/object_store.h"

namespace sleeper::compact {

/// Whether a job reads its inputs ahead of need: worth its memory where a store takes its time to answer.
enum class ReadAhead { kNo, kYes };

/// How a job reads its inputs. Value.
struct CompactionReads {
  /// The limits that a table's properties set.
  static CompactionReads From(const model::Properties& properties, ReadAhead ahead);

  ReadAhead ahead = ReadAhead::kNo;
  /// Requests that are on their way at the same time.
  int64_t in_flight_max = 64;
  /// What is read or asked for, and not merged yet, of all inputs together.
  int64_t bytes_max = int64_t{128} << 20;
};

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
  CompactionReads reads = {};
};

}  // namespace sleeper::compact
