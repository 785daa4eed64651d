#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/time.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/compact/compact_table.h"
#include "sleeper/file/data_file_settings.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"

namespace sleeper::compact {

/// A table with real data files on a store in memory, and one process that works on it. Any failure of the set-up stops
/// the test. Confined, but for what ports() returns.
class TestTable {
 public:
  explicit TestTable(std::shared_ptr<const columnar::Layout> layout,
                     std::vector<model::NormalisedKey> split_points = {});

  /// Writes a data file of these rows, which need not be sorted, and makes it part of the table.
  model::FileId AddFile(const columnar::Batch& rows);

  /// Cuts the partition that holds `boundary`.
  void Split(const model::NormalisedKey& boundary);

  /// All rows of all references, partition by partition in key order, as text; rows of equal keys in no order.
  std::vector<std::string> Rows();

  /// The number of references in each partition.
  std::vector<int64_t> FilesPerPartition();

  /// The state as it is now, and as a process that has just started sees it.
  state::TableStatePtr State();

  /// Time goes by, by the store's clock.
  void Advance(Duration time) { clock_.ahead += time; }

  /// The process dies; another one goes on.
  void Restart();

  Result<CompactTableReport> Compact(const CompactTableRequest& request);

  /// Another process that works on the same table at the same time.
  class OtherProcess;

  TablePorts ports();
  store::FaultyStore& faults() { return faults_; }
  Executor& executor() { return *executor_; }
  const model::TableId& id() const { return id_; }

  /// How the files of AddFile are written.
  file::DataFileSettings settings;

 private:
  /// What a process holds in memory.
  struct Process {
    explicit Process(TestTable& table);
    TablePorts PortsOn(TestTable& table);

    state::TableLog log;
    state::TableCommitter committer;
  };

  void Commit(state::Transaction transaction);

  /// The machine's clock, perhaps ahead.
  struct AdvancedClock final : Clock {
    WallTime Now() const override { return system.Now() + ahead; }
    Instant MonotonicNow() const override { return system.MonotonicNow() + ahead; }
    SystemClock system;
    Duration ahead{0};
  };

  AdvancedClock clock_;
  std::unique_ptr<ThreadExecutor> executor_;
  SeededRandom random_{1};
  model::TableId id_;
  std::shared_ptr<const columnar::Layout> layout_;
  store::MemoryStore objects_{clock_};
  store::FaultyStore faults_{objects_};
  std::optional<Process> process_;
};

class TestTable::OtherProcess {
 public:
  /// `table` must outlive it.
  explicit OtherProcess(TestTable& table) : table_(table), process_(table) {}
  TablePorts ports() { return process_.PortsOn(table_); }

 private:
  TestTable& table_;
  Process process_;
};

}  // namespace sleeper::compact
