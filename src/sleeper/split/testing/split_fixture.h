#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/time.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/split/split_table.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/transaction.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::split {

/// A table with real data files on a store in memory. A failure of the set-up stops the test. Confined.
class SplitFixture {
 public:
  explicit SplitFixture(std::shared_ptr<const columnar::Layout> layout,
                        std::vector<model::NormalisedKey> split_points = {});

  /// Writes a data file of these rows, one JSON array for each column, and makes it part of the table.
  model::FileRecord AddFile(std::initializer_list<std::string> columns);
  model::FileRecord AddFile(const columnar::Batch& rows);

  void Commit(state::Transaction transaction);
  state::TableStatePtr State();

  /// The number of rows in each partition: counted, not estimated.
  std::vector<int64_t> RowsOfPartitions();

  /// Removes the object of a file.
  void DeleteObject(const model::FileRecord& file);

  /// Splits through `port`, or directly.
  Result<SplitReport> Split(const SplitPolicy& policy) { return Split(policy, recorded_); }
  Result<SplitReport> Split(const SplitPolicy& policy, store::ObjectStore& port);
  Result<SplitReport> SplitAt(const std::vector<model::NormalisedKey>& points) { return SplitAt(points, recorded_); }
  Result<SplitReport> SplitAt(const std::vector<model::NormalisedKey>& points, store::ObjectStore& port);

  store::RecordingStore& store() { return recorded_; }

  /// How files are written.
  file::DataFileSettings settings;

 private:
  std::unique_ptr<state::TableLog> OpenLog(store::ObjectStore& port);

  SystemClock clock_;
  SeededRandom random_{1};
  ThreadExecutor executor_{2, clock_};
  store::MemoryStore objects_{clock_};
  store::RecordingStore recorded_{objects_};
  const model::TableId id_;
  const std::shared_ptr<const columnar::Layout> layout_;
};

}  // namespace sleeper::split
