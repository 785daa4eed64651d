#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
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
#include "sleeper/ingest/ingest_table.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/memory_scratch.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"

namespace sleeper::ingest {

/// The machine's clock, ahead. Thread-safe.
class AdvancedClock final : public Clock {
 public:
  WallTime Now() const override { return system_.Now() + ahead(); }
  Instant MonotonicNow() const override { return system_.MonotonicNow() + ahead(); }

  void Advance(Duration time) { ahead_ += time.count(); }

 private:
  Duration ahead() const { return Duration(ahead_.load()); }

  SystemClock system_;
  std::atomic<int64_t> ahead_ = 0;
};

/// A table on a store in memory, and one process that works on it. Any failure of the set-up stops
/// the test. Confined, but for what ports() returns.
class TestTable {
 public:
  explicit TestTable(std::shared_ptr<const columnar::Layout> layout,
                     std::vector<model::NormalisedKey> split_points = {});

  /// Ingests JSON lines, one text for each input, under a job id; the inputs are called "input 0", "input 1", …
  Result<IngestReport> Ingest(const std::string& job, const std::vector<std::string>& inputs);
  Result<IngestReport> Ingest(const std::string& job, const std::vector<std::string>& inputs, const TablePorts& ports,
                              const CallContext& call = {});

  /// The same job, which has looked at the table and then does nothing at all until `meanwhile` has returned.
  Result<IngestReport> IngestStalled(const std::string& job, const std::string& input,
                                     const std::function<void()>& meanwhile);

  /// The JSON lines of one source, whose name is "input".
  Result<IngestReport> IngestFrom(const std::string& job,
                                  const std::function<std::unique_ptr<exchange::InputSource>()>& source,
                                  const std::string& input = "input");

  /// An input of these JSON lines.
  static InputOpener OpenerOf(std::string lines, std::string name = "input");

  void Drop();

  /// Cuts the partition that holds `boundary`.
  void Split(const model::NormalisedKey& boundary);

  /// All rows of all references, partition by partition in key order, as text; rows of equal keys in no order.
  std::vector<std::string> Rows();

  /// The number of references in each partition, and how many rows these have.
  std::vector<int64_t> FilesPerPartition();
  std::vector<int64_t> RowsPerPartition();

  /// The state as it is now, and as a process that has just started sees it.
  state::TableStatePtr State();

  /// Time goes by, for the store too.
  void Advance(Duration time) { clock_.Advance(time); }

  /// Another process changes the table. What does not fit stops the test.
  void Commit(state::Transaction transaction);

  /// How many data files there are in the store, known to the table or not.
  int64_t DataObjects();

  /// The process dies; another one goes on.
  void Restart();

  /// Another process that works on the same table at the same time.
  class OtherProcess;

  TablePorts ports();
  store::FaultyStore& faults() { return faults_; }
  store::MemoryScratch& scratch() { return scratch_; }
  Executor& executor() { return *executor_; }
  const model::TableId& id() const { return id_; }
  const std::shared_ptr<const columnar::Layout>& layout() const { return layout_; }

  /// Those of the table.
  model::Properties properties;
  /// How often an ingest asked for its inputs.
  std::atomic<int> listings = 0;

 private:
  /// What a process holds in memory.
  struct Process {
    explicit Process(TestTable& table);
    TablePorts PortsOn(TestTable& table);

    state::TableLog log;
    state::TableCommitter committer;
  };

  static IngestRequest RequestOf(const std::string& job, const std::vector<std::string>& inputs);

  AdvancedClock clock_;
  std::unique_ptr<ThreadExecutor> executor_;
  SeededRandom random_{1};
  model::TableId id_;
  std::shared_ptr<const columnar::Layout> layout_;
  store::MemoryStore objects_{clock_};
  store::FaultyStore faults_{objects_};
  store::MemoryScratch scratch_{int64_t{1} << 30};
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

}  // namespace sleeper::ingest
