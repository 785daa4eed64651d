#pragma once

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
};

}  // namespace sleeper::compact
