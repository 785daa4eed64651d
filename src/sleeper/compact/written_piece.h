#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/model/file_record.h"
#include "sleeper/state/transaction.h"

namespace sleeper::compact {

/// What was written of one piece of the key range of a compaction. Value.
struct WrittenPiece {
  /// One for each input of the specification. The hashes of whole files are left out: they are known.
  std::vector<state::ConsumedInput> consumed;
  /// In key order.
  std::vector<model::FileRecord> files;
  /// Rows that were copied with their whole row group, and not read.
  int64_t rows_copied = 0;
};

}  // namespace sleeper::compact
