#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/compaction_ports.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/state/transaction.h"

namespace sleeper::compact {

/// What an attempt did: all that a commit needs. Value.
struct CompactionOutcome {
  /// One for each input of the specification, in its order.
  std::vector<state::ConsumedInput> consumed;
  /// In key order. None if the inputs held no rows.
  std::vector<state::NewFile> outputs;
  /// Rows that were copied with their whole row group, because no other input has keys among theirs.
  int64_t rows_copied = 0;

  int64_t rows_read() const;
  int64_t rows_written() const;
  int64_t bytes_written() const;
};

/// Merges the inputs of a compaction into new files, in disjoint pieces of the key range if several files are to be
/// written, and verifies the result: the rows that were read are those that were written, by count and by hash, and
/// each input held what the state says that it holds. The log is not touched.
///
/// kCorrupt, naming the files, if anything does not fit. Never kOutcomeUnknown: what a failed attempt wrote, or may
/// have written, is garbage that the sweep deletes.
Result<CompactionOutcome> RunCompaction(const CompactionPorts& ports, const CompactionSpec& spec,
                                        const CallContext& call);

/// About the memory that RunCompaction takes at most for each piece that it merges at the same time.
int64_t MemoryOf(const CompactionSpec& spec, const CompactionReads& reads);

}  // namespace sleeper::compact
