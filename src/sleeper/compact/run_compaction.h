#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/compact/compaction_spec.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/state/transaction.h"
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
};

/// What an attempt did: all that a commit needs. Value.
struct CompactionOutcome {
  /// One for each input of the specification, in its order.
  std::vector<state::ConsumedInput> consumed;
  /// In key order. None if the inputs held no rows.
  std::vector<state::NewFile> outputs;

  int64_t rows_read() const;
  int64_t rows_written() const;
  int64_t bytes_written() const;
};

/// Merges the inputs of a compaction into new files, and verifies the result: the rows that were read are those that
/// were written, by count and by hash, and each input held what the state says that it holds. The log is not touched.
///
/// kCorrupt, naming the files, if anything does not fit. Never kOutcomeUnknown: what a failed attempt wrote, or may
/// have written, is garbage that the sweep deletes.
Result<CompactionOutcome> RunCompaction(const CompactionPorts& ports, const CompactionSpec& spec,
                                        const CallContext& call);

/// About the memory that RunCompaction takes at most.
int64_t MemoryOf(const CompactionSpec& spec);

/// The inputs of a compaction as one sorted stream that remembers what passes.
struct MergedInputs {
  /// Filled while `rows` is read; complete at its end. One for each input.
  std::shared_ptr<std::vector<state::ConsumedInput>> consumed;
  std::unique_ptr<rows::RowStream> rows;
};

/// The two halves of RunCompaction.
Result<MergedInputs> MergeInputs(const CompactionPorts& ports, const CompactionSpec& spec, const CallContext& call);
Result<CompactionOutcome> WriteVerified(const CompactionPorts& ports, const CompactionSpec& spec, MergedInputs inputs,
                                        const CallContext& call);

}  // namespace sleeper::compact
