#pragma once

#include <cstdint>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/ingest/ingest_input.h"
#include "sleeper/ingest/ingest_ports.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/sort/external_sort.h"
#include "sleeper/state/transaction.h"

namespace sleeper::ingest {

/// What an attempt did: all that a commit needs. Value.
struct IngestOutcome {
  int64_t rows_read = 0;
  int64_t inputs = 0;
  std::vector<state::NewFile> files;
  /// Of all inputs together.
  exchange::IgnoredColumns ignored;
  /// Rows that came in key order and were written without being sorted.
  int64_t rows_passed = 0;
  sort::SortStatistics sort;

  int64_t rows_written() const;
  int64_t bytes_written() const;
};

/// Reads all inputs, sorts their rows within the specification's memory, and writes them to data files. Rows that come
/// in key order are written while others are read, and not sorted. Rows written are verified to be the rows read, by
/// count and by hash: kCorrupt otherwise. The log is only read. Never kOutcomeUnknown: what a failed attempt wrote, or
/// may have written, is garbage that the sweep deletes.
Result<IngestOutcome> RunIngest(const IngestPorts& ports, const IngestSpec& spec, std::vector<InputOpener> inputs,
                                const CallContext& call);

}  // namespace sleeper::ingest
