#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/compact/compact_table.h"
#include "sleeper/ingest/ingest_table.h"
#include "sleeper/model/properties.h"
#include "sleeper/query/run_query.h"
#include "sleeper/split/split_table.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/memory_scratch.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::oracle {

/// How an ingest is made harder than its properties make it. Small tables are to spill and to be cut as large ones are.
struct IngestBounds {
  int64_t sort_bytes_max = 0;
  int64_t file_bytes_target = 0;
};

/// A table on a store in memory, with all the operations that there are. Confined.
class TableUnderTest {
 public:
  TableUnderTest(uint64_t seed, int threads);

  Status Create(const model::Schema& schema, std::vector<model::NormalisedKey> split_points);

  /// One job that reads one input for each of `inputs`, each written in some format first.
  Status Ingest(const std::vector<columnar::Batch>& inputs, const model::Properties& properties);
  /// The same with tighter bounds than properties allow.
  Status IngestWithin(const IngestBounds& bounds, const std::vector<columnar::Batch>& inputs,
                      const model::Properties& properties);

  Result<std::unique_ptr<rows::RowStream>> Query(query::QueryRequest request);
  Result<query::QueryExplanation> Explain(const query::QueryRequest& request);
  Status Split(const split::SplitPolicy& policy);
  Status SplitAt(const std::vector<model::NormalisedKey>& points);
  Status Compact(const compact::CompactTableRequest& request);
  /// Joins some neighbouring partitions.
  Status MergePartitions();
  Status Clear();
  /// Deletes what nothing refers to.
  Status Collect();
  /// Writes a snapshot, truncates the log, and goes on as another process.
  Status Reopen();

  Result<state::TableStatePtr> State();
  int64_t runs_spilled() const { return runs_spilled_; }
  const std::shared_ptr<const columnar::Layout>& layout() const { return layout_; }

 private:
  /// Encodes a batch as a foreign input of a random format.
  Result<ingest::InputOpener> InputOf(const columnar::Batch& rows);
  Result<ingest::InputLister> InputsOf(const std::vector<columnar::Batch>& inputs);
  void OpenProcess();
  Status Commit(state::Transaction transaction);
  ingest::TablePorts IngestPorts();

  SystemClock clock_;
  SeededRandom random_;
  ThreadExecutor executor_;
  store::MemoryStore store_{clock_};
  store::MemoryScratch scratch_{int64_t{256} << 20};
  const model::TableId id_;
  std::shared_ptr<const columnar::Layout> layout_;
  int64_t jobs_ = 0;
  int64_t runs_spilled_ = 0;

  std::unique_ptr<state::TableLog> log_;
  std::unique_ptr<state::TableCommitter> committer_;
  std::unique_ptr<query::OpenFiles> files_;
};

}  // namespace sleeper::oracle
