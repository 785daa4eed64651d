#pragma once

#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/ingest/ingest_input.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/model/row_hash.h"
#include "sleeper/sort/external_sort.h"

namespace sleeper::ingest {

/// What was read.
struct ReadTotals {
  int64_t rows = 0;
  model::RowHash row_hash;
  exchange::IgnoredColumns ignored;
};

/// Reads all rows of all inputs into `sort`, several inputs at a time, while it sorts. The first failure ends all of
/// it.
Result<ReadTotals> ReadInputs(Executor& executor, const IngestSpec& spec, const std::vector<InputOpener>& inputs,
                              sort::ExternalSort& sort, const CallContext& call);

}  // namespace sleeper::ingest
