#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/time.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/model/region.h"
#include "sleeper/query/run_query.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/transaction.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::query {

/// A table with real data files on a store in memory, and a process that queries it. A failure of the set-up stops the
/// test. Confined.
class QueryTable {
 public:
  /// Enough for all files of a test's partition to be read at the same time.
  static constexpr int kThreads = 8;

  explicit QueryTable(std::shared_ptr<const columnar::Layout> layout,
                      std::vector<model::NormalisedKey> split_points = {});

  /// Writes a data file of these rows, which need not be sorted, and makes it part of the table.
  model::FileRecord AddFile(const columnar::Batch& rows);

  /// The same, one JSON array for each column.
  model::FileRecord AddFile(std::initializer_list<std::string> columns);

  /// Lays the table out anew: files of these rows take the place of all others at once, whose objects go from the
  /// store, as if they had been collected. Thread-safe but for other calls of this function.
  void Rewrite(const std::vector<columnar::Batch>& files);

  /// The regions that these `--key` and `--range` texts stand for.
  std::vector<model::Region> Regions(std::vector<std::string> keys, std::vector<std::string> ranges = {}) const;

  /// The rows as text, with the columns of the result.
  Result<std::vector<std::string>> Rows(const QueryRequest& request);

  Result<std::unique_ptr<rows::RowStream>> Run(const QueryRequest& request);

  void Commit(state::Transaction transaction);
  void Commit(std::vector<state::Transaction> transactions);
  state::TableStatePtr State();

  /// Removes all rows from the table, and the objects of all its files from the store.
  void ClearAndCollect();
  /// Removes the object of a file, as nobody ever should.
  void DeleteObject(const model::FileRecord& file);

  /// The process dies; another one goes on, which has no file open.
  void Restart() { files_ = std::make_unique<OpenFiles>(*port_, id_); }
  /// The same, and it reads through another store.
  void RestartOn(store::ObjectStore& port);

  TablePorts ports() { return {executor_, *log_, *files_, limits, {}}; }
  const columnar::Layout& layout() const { return *layout_; }
  store::RecordingStore& store() { return recorded_; }
  Executor& executor() { return executor_; }

  /// How files are written, and queries run.
  file::DataFileSettings settings;
  QueryLimits limits;

 private:
  state::NewFile WriteFile(const columnar::Batch& rows, const state::TableState& state);

  SystemClock clock_;
  SeededRandom random_{1};
  ThreadExecutor executor_{kThreads, clock_};
  store::MemoryStore objects_{clock_};
  store::RecordingStore recorded_{objects_};
  store::ObjectStore* port_ = &recorded_;
  const model::TableId id_;
  const std::shared_ptr<const columnar::Layout> layout_;
  std::unique_ptr<state::TableLog> log_;
  std::unique_ptr<state::TableCommitter> committer_;
  std::unique_ptr<OpenFiles> files_;
};

}  // namespace sleeper::query
