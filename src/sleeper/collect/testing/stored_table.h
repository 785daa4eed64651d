#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/time.h"
#include "sleeper/collect/table_ports.h"
#include "sleeper/state/registry.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::collect {

/// The machine's clock, ahead or behind. Confined.
class ShiftedClock final : public Clock {
 public:
  WallTime Now() const override { return system_.Now() + ahead; }
  Instant MonotonicNow() const override { return system_.MonotonicNow() + ahead; }

  Duration ahead{0};

 private:
  SystemClock system_;
};

/// A registered table whose data files are made-up bytes, on a store in memory that has a clock of its own. Any failure
/// of the set-up stops the test. Confined, but for what ports() returns.
class StoredTable {
 public:
  explicit StoredTable(model::PropertyMap properties = {});

  /// Puts a data file that is born now, and that the table does not know.
  state::NewFile PutFile();
  /// Makes such a file part of the table, and returns what the commit led to: "applied", or the kind of the refusal.
  std::string Add(const state::NewFile& file);
  /// Both.
  state::NewFile AddFile();
  /// Replaces all references by none.
  void Clear();

  /// "applied", "already done", or the kind of the failure.
  std::string Commit(state::Transaction transaction);

  /// Puts any object.
  void Put(const std::string& path);
  bool Exists(const store::ObjectPath& path);
  bool Exists(const state::NewFile& file) { return Exists(state::DataFilePath(id(), file.record.id)); }
  /// The paths of all objects below a prefix, or of the data files of the table.
  std::vector<std::string> Objects(const store::ObjectPath& prefix);
  std::vector<std::string> DataObjects() { return Objects(state::DataPrefix(id())); }

  /// As a process that has just started sees it.
  state::TableStatePtr State();

  /// Time goes by.
  void Advance(Duration time) {
    store_clock_.ahead += time;
    worker_clock_.ahead += time;
  }
  /// That of the worker, which nothing may depend on: not the store's.
  ShiftedClock& worker_clock() { return worker_clock_; }

  /// The process dies; another one goes on.
  void Restart();

  TablePorts ports();
  const model::TableId& id() const { return id_; }
  state::Registry& registry() { return *registry_; }
  store::FaultyStore& faults() { return faults_; }
  /// Outside of faults(): what the process asks for.
  store::RecordingStore& calls() { return calls_; }
  Executor& executor() { return *executor_; }
  Random& random() { return random_; }

 private:
  ShiftedClock store_clock_;
  ShiftedClock worker_clock_;
  std::unique_ptr<ThreadExecutor> executor_;
  SeededRandom random_{1};
  store::MemoryStore objects_{store_clock_};
  store::FaultyStore faults_{objects_};
  store::RecordingStore calls_{faults_};
  std::unique_ptr<state::Registry> registry_;
  model::TableId id_;
  std::unique_ptr<state::TableLog> log_;
  std::unique_ptr<state::TableCommitter> committer_;
};

}  // namespace sleeper::collect
