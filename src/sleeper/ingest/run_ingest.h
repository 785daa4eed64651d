#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/ingest/file_set_writer.h"
#include "sleeper/ingest/ingest_input.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/sort/external_sort.h"
#include "sleeper/state/transaction.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/scratch.h"

namespace sleeper::ingest {

/// Where an ingest reads and writes. The ports must outlive it.
struct IngestPorts {
  store::ObjectStore& store;
  model::TableId table;
  store::ScratchSpace& scratch;
  Executor& executor;
  Random& random;
  FreshState fresh_state;
  /// Called often while files are written, if it is given; a failure ends the ingest.
  std::function<Status(const CallContext& call)> keep_alive = nullptr;
};

/// What an attempt did: all that a commit needs. Value.
struct IngestOutcome {
  int64_t rows_read = 0;
  int64_t inputs = 0;
  std::vector<state::NewFile> files;
  /// Of all inputs together.
  exchange::IgnoredColumns ignored;
  sort::SortStatistics sort;

  int64_t rows_written() const;
  int64_t bytes_written() const;
};

/// Reads all inputs, sorts their rows within the specification's memory, and writes them to data files; reading,
/// sorting and writing overlap. Rows written are verified to be the rows read, by count and by hash: kCorrupt
/// otherwise. The log is only read. Never kOutcomeUnknown: what a failed attempt wrote, or may have written, is garbage
/// that the sweep deletes.
Result<IngestOutcome> RunIngest(const IngestPorts& ports, const IngestSpec& spec, std::vector<InputOpener> inputs,
                                const CallContext& call);

}  // namespace sleeper::ingest
