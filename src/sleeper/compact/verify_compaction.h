#pragma once

#include <span>

#include "sleeper/base/status.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/state/transaction.h"

namespace sleeper::compact {

/// Whether a compaction may be committed: the rows written are the rows read, by count and by hash; and each input held
/// the rows that its reference counts, if that is exact, and all rows of its file, if it covers the file. kCorrupt
/// otherwise, naming every file that is concerned.
Status VerifyCompaction(const CompactionSpec& spec, std::span<const state::ConsumedInput> consumed,
                        std::span<const model::FileRecord> files);

}  // namespace sleeper::compact
