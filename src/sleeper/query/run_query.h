#pragma once

#include <cstdint>
#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/query/open_files.h"
#include "sleeper/query/query_request.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/state/table_log.h"

namespace sleeper::query {

/// A table and what querying it takes. The ports must outlive the query.
struct TablePorts {
  Executor& executor;
  state::TableLog& log;
  OpenFiles& files;
};

/// The wanted rows of the table as it is now, in key order; those of equal keys all come back. All rows are of one
/// state of the table. Memory is bounded whatever the size of the result: some partitions are read ahead.
///
/// Fails at once with kInvalid for an unknown or repeated field, with kNotFound if the table does not exist. The stream
/// fails with kNotFound, "snapshot expired", if a file was collected after its rows had begun to come; before the first
/// row it starts again by itself. A file that is gone while the table still names it is kCorrupt.
Result<std::unique_ptr<rows::RowStream>> RunQuery(const TablePorts& ports, QueryRequest request,
                                                  const CallContext& call);

/// What a query would read, from the state and the files' indexes.
struct QueryExplanation {
  model::LogNumber log_number = 0;
  int64_t partitions = 0;
  int64_t files = 0;
  int64_t pages = 0;
  int64_t bytes = 0;
  /// Rows of those pages: an upper bound of the result.
  int64_t rows = 0;
  /// Of the whole table, to compare with.
  int64_t table_partitions = 0;
  int64_t table_files = 0;
  int64_t table_bytes = 0;
};

Result<QueryExplanation> ExplainQuery(const TablePorts& ports, const QueryRequest& request, const CallContext& call);

}  // namespace sleeper::query
