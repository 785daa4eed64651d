#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/ingest/ingest_input.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/model/properties.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/scratch.h"

namespace sleeper::ingest {

/// A table and what ingesting into it takes. The ports must outlive the operation.
struct TablePorts {
  store::ObjectStore& store;
  store::ScratchSpace& scratch;
  Executor& executor;
  Random& random;
  model::TableId table;
  state::TableLog& log;
  state::TableCommitter& committer;
};

/// Finds and names the inputs. Called once, and only if the job has to be done.
using InputLister = std::function<Result<std::vector<InputOpener>>(const CallContext& call)>;

/// What became of an ingest job.
struct IngestReport {
  model::JobId job;
  /// True if the job was done before: the figures are those of that time, and the inputs were not looked at.
  bool already_done = false;
  int64_t rows_read = 0;
  int64_t rows_written = 0;
  int64_t files = 0;
  /// Unknown, and 0, if it was done before.
  int64_t bytes = 0;
  /// The entry of the log that made the rows part of the table.
  model::LogNumber number = 0;
  exchange::IgnoredColumns ignored;
  int64_t bytes_spilled = 0;
};

/// Makes all rows of the inputs part of the table, in one commit, under a job id: however often it is called, and
/// wherever an earlier call was killed, the rows are there once.
///
/// kConflict: the id belongs to a job with other inputs, the table's schema was changed meanwhile, or a sweep took the
/// job for dead and gave up what it was writing, or passed it while it stood still. kOutcomeUnknown: the rows may be
/// there; calling it again with the same job id finds out. After any other failure they are not.
Result<IngestReport> IngestTable(const TablePorts& ports, const IngestRequest& request,
                                 const model::Properties& properties, const InputLister& inputs,
                                 const CallContext& call);

}  // namespace sleeper::ingest
