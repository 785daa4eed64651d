#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/query/open_files.h"
#include "sleeper/query/query_request.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/table_state.h"

namespace sleeper::query {

/// How much of a query's work is done ahead. Value.
struct QueryLimits {
  /// What all scans of a query may fetch at a time, together.
  int64_t window_bytes_max = 256 << 20;
  /// Partitions that are read at the same time.
  int partitions_ahead_max = 8;
};

/// A table and what querying it takes. The ports must outlive the query.
struct TablePorts {
  Executor& executor;
  state::TableLog& log;
  OpenFiles& files;
  QueryLimits limits = {};
  /// Hears each time that a query which has returned rows goes on with a newer state, and its number. May be empty.
  std::function<void(model::LogNumber)> on_resume = {};
};

/// The wanted rows of the table as it is now, in key order; those of equal keys all come back. All rows are of one
/// state of the table. Memory is bounded whatever the size of the result: some partitions are read ahead, and
/// of each only the files are open that have to be (ReadStep).
///
/// Fails at once with kInvalid for an unknown or repeated field, with kNotFound if the table does not exist.
///
/// If a file of that state was collected before it was read, the query starts again by itself on a newer state, unless
/// it has returned rows. Then it fails with kNotFound, "snapshot expired"; or, with OnExpiry::kResume, it goes on
/// behind the rows returned, no row lost or doubled among those that stayed in the table. A file that is gone while the
/// table still names it is kCorrupt.
///
/// `state`, if there is one, was refreshed just before, and saves another look at the log.
Result<std::unique_ptr<rows::RowStream>> RunQuery(const TablePorts& ports, QueryRequest request,
                                                  const CallContext& call, state::TableStatePtr state = nullptr);

/// What a query would read, from the state and the files' indexes.
struct QueryExplanation {
  model::LogNumber log_number = 0;
  int64_t partitions = 0;
  int64_t files = 0;
  /// Those that hold the pages; one that several partitions read counts for each.
  int64_t row_groups = 0;
  int64_t pages = 0;
  int64_t bytes = 0;
  /// Rows of those pages: an upper bound of the result.
  int64_t rows = 0;
  /// Of the whole table, to compare with.
  int64_t table_partitions = 0;
  int64_t table_files = 0;
  int64_t table_bytes = 0;
};

Result<QueryExplanation> ExplainQuery(const TablePorts& ports, const QueryRequest& request, const CallContext& call,
                                      state::TableStatePtr state = nullptr);

}  // namespace sleeper::query
