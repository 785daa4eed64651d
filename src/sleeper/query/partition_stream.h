#pragma once

#include <cstdint>
#include <memory>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/query/missing_file.h"
#include "sleeper/query/open_files.h"
#include "sleeper/query/plan_query.h"
#include "sleeper/query/query_request.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::query {

/// The columns on the way from files to the result. Value.
struct ReadColumns {
  /// All fields of the table.
  std::shared_ptr<const columnar::Layout> table;
  /// The fields of the result.
  std::shared_ptr<const columnar::Layout> result;

  /// What has to be read: merging needs the keys, and checking the row keys, also where nobody asked for them.
  std::shared_ptr<const columnar::Layout> ToRead(const PlannedPartition& planned) const;
};

/// What all reads of one query share. Immutable; the ports, and what `call` points at, must outlive it.
struct QueryRead {
  Executor& executor;
  OpenFiles& files;
  std::shared_ptr<const QueryRequest> request;
  ReadColumns columns;
  /// What the scans of one partition may fetch at a time, together.
  int64_t window_bytes_max = 0;
  /// Hears of the first file that is not in the store.
  std::shared_ptr<MissingFile> missing;
  CallContext call;
};

/// The wanted rows of one partition, in key order, with the columns of the result. Opens the files, and fetches their
/// first pages, side by side when it is first asked for a batch; of very many, those of each ReadStep when it begins. A
/// file that is not in the store is reported, and the stream fails with kNotFound.
std::unique_ptr<rows::RowStream> ReadPartition(std::shared_ptr<const QueryRead> read, PlannedPartition planned);

}  // namespace sleeper::query
