#pragma once

#include <memory>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/query/missing_file.h"
#include "sleeper/query/open_files.h"
#include "sleeper/query/plan_query.h"
#include "sleeper/query/query_request.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::query {

/// What reading takes. The ports must outlive the streams.
struct ReadPorts {
  Executor& executor;
  OpenFiles& files;
};

/// The columns on the way from files to the result. Value.
struct ReadColumns {
  /// All fields of the table.
  std::shared_ptr<const columnar::Layout> table;
  /// The fields of the result.
  std::shared_ptr<const columnar::Layout> result;
};

/// The wanted rows of one partition, in key order, with the columns of the result. Opens the files when it is first
/// asked for a batch. A file that is not in the store is reported to `missing`, and the stream fails with kNotFound.
std::unique_ptr<rows::RowStream> ReadPartition(const ReadPorts& ports, const QueryRequest& request,
                                               const ReadColumns& columns, PlannedPartition planned,
                                               std::shared_ptr<MissingFile> missing, const CallContext& call);

}  // namespace sleeper::query
