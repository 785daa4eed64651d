#pragma once

#include <functional>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/ingest/ingest_input.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/model/row_hash.h"

namespace sleeper::ingest {

/// What was read.
struct ReadTotals {
  int64_t rows = 0;
  model::RowHash row_hash;
  exchange::IgnoredColumns ignored;
};

/// Takes a batch that was read; called by one thread.
using BatchTaker = std::function<Status(columnar::Batch batch)>;

/// Called by that thread too, several times a second, also while the inputs give nothing; so it should be cheap. A
/// failure ends the reading.
using WhileReading = std::function<Status()>;

/// Reads all rows of all inputs, several inputs at a time, and hands them to `take` meanwhile. The first failure ends
/// all of it.
Result<ReadTotals> ReadInputs(Executor& executor, const IngestSpec& spec, const std::vector<InputOpener>& inputs,
                              const BatchTaker& take, const WhileReading& meanwhile, const CallContext& call);

}  // namespace sleeper::ingest
