#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/check.h"
#include "sleeper/engine/cleaning.h"
#include "sleeper/engine/compaction.h"
#include "sleeper/engine/ingestion.h"
#include "sleeper/engine/query.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/partition_map.h"
#include "sleeper/model/properties.h"
#include "sleeper/state/table_state.h"

namespace sleeper::engine {

struct TableParts;

/// What a split did.
struct SplitResult {
  int64_t partitions_before = 0;
  int64_t partitions_after = 0;
  /// Too big, but all of its rows have one key.
  std::vector<model::Partition> unsplittable;
  model::LogNumber log_number = 0;
};

/// What a tick did for one table. Value.
struct TableTick {
  model::TableName name;
  SplitResult split;
  CompactionResult compact;
  CollectResult collect;
  SweepResult sweep;
  bool snapshot_written = false;
  /// Entries of the log that were deleted.
  int64_t entries_truncated = 0;
  /// The first failure. What the numbers say was done nevertheless.
  Status failure;
};

/// A table of an instance, which must outlive it. Thread-safe.
///
/// Every operation sees the table as it is when the operation starts, whatever other processes do.
class Table {
 public:
  explicit Table(std::unique_ptr<TableParts> parts);
  ~Table();

  const model::TableId& id() const;
  /// As it was when the table was opened.
  const model::TableName& name() const;
  bool online() const;

  /// The table's contents now: which files hold which keys. kNotFound if the table was dropped.
  Result<state::TableStatePtr> State(const CallContext& call);

  /// The properties in force.
  Result<model::Properties> Properties(const CallContext& call);

  /// kInvalid names every fault.
  Status SetProperties(const model::PropertyChanges& changes, const CallContext& call);

  /// Makes all rows of some files part of the table, all or none, once for each job id. See ingest::IngestTable.
  Result<IngestResult> Ingest(const IngestOptions& options, const CallContext& call);

  /// Writes the wanted rows, in key order.
  Result<QueryResult> Query(const QueryOptions& options, const CallContext& call);

  /// What that would read.
  Result<QueryExplanation> Explain(const QueryOptions& options, const CallContext& call);

  /// Merges files until nothing is left that is worth doing. See compact::CompactTable.
  Result<CompactionResult> Compact(const CompactionOptions& options, const CallContext& call);

  /// Splits partitions that are too big until none is left that can be split.
  Result<SplitResult> Split(const CallContext& call);

  /// Splits at the keys of a file, one a line, ascending.
  Result<SplitResult> SplitAt(const std::string& points_file, const CallContext& call);

  /// Deletes files that the table has let go of for long enough. See collect::CollectTable.
  Result<CollectResult> Collect(const CallContext& call);

  /// Deletes what writers left behind that died. See collect::SweepTable.
  Result<SweepResult> Sweep(const CallContext& call);

  /// Does everything that is due: split, compact, snapshot, truncate, collect, sweep. What fails does not stop the
  /// rest, unless the store does not answer.
  TableTick Tick(const CallContext& call);

  /// Compares the table with the store. See check::CheckTable.
  Result<CheckResult> Check(const CheckOptions& options, const CallContext& call);

  /// Removes all rows. kConflict if rows are added at the same time. Returns how many there were.
  Result<int64_t> Clear(const CallContext& call);

 private:
  friend class Inspection;

  std::unique_ptr<TableParts> parts_;
};

}  // namespace sleeper::engine
