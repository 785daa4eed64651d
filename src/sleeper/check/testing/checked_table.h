#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/time.h"
#include "sleeper/check/check_table.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/transaction.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"

namespace sleeper::check {

/// A table of numbers and texts, with real data files on a store in memory, and what may happen to it. A failure of the
/// set-up stops the test. Confined.
class CheckedTable {
 public:
  explicit CheckedTable(std::vector<int64_t> split_points = {});

  /// Writes a data file of the rows (key, "<prefix><key>") for first <= key < end; it is no part of the table yet.
  /// Texts of equal length make files of equal size.
  model::FileRecord WriteFile(int64_t first, int64_t end, const std::string& prefix = "row ");
  /// Makes it part of the table, as the record is and with these slices; none: one of all keys.
  void Add(const model::FileRecord& file, std::vector<state::IntervalRows> slices = {});
  model::FileRecord AddFile(int64_t first, int64_t end, const std::string& prefix = "row ");
  /// Removes all rows; the files wait to be collected.
  void Clear();
  void Commit(state::Transaction transaction);
  void WriteSnapshot();
  state::TableStatePtr State();

  store::ObjectPath PathOf(const model::FileRecord& file) const;
  std::string Read(const store::ObjectPath& path);
  void Write(const store::ObjectPath& path, std::string bytes);
  void Delete(const store::ObjectPath& path);

  /// Does something after the check has read the state, and before it lists the store.
  void BeforeListing(std::function<void()> action) { before_listing_ = std::move(action); }
  /// Time goes by, by the clock of the store and of the process.
  void Advance(Duration time) { clock_.ahead += time; }

  Result<CheckReport> Check(const CheckRequest& request);

  const model::TableId& id() const { return id_; }
  const std::shared_ptr<const columnar::Layout>& layout() const { return layout_; }
  store::FaultyStore& faults() { return faults_; }
  Executor& executor() { return executor_; }

 private:
  struct AdvancedClock final : Clock {
    WallTime Now() const override { return system.Now() + ahead; }
    Instant MonotonicNow() const override { return system.MonotonicNow(); }

    SystemClock system;
    Duration ahead{};
  };

  /// Runs an action before the first listing of data.
  class Interruption final : public store::InterceptingStore {
   public:
    Interruption(store::ObjectStore& inner, CheckedTable& table) : InterceptingStore(inner), table_(table) {}

   private:
    Status Before(const store::StoreCall& call) override;

    CheckedTable& table_;
  };

  AdvancedClock clock_;
  SeededRandom random_{1};
  ThreadExecutor executor_{4, clock_};
  store::MemoryStore objects_{clock_};
  store::FaultyStore faults_{objects_};
  Interruption interruption_{faults_, *this};
  std::function<void()> before_listing_;
  const model::TableId id_;
  const std::shared_ptr<const columnar::Layout> layout_;
  std::unique_ptr<state::TableLog> log_;
  std::unique_ptr<state::TableCommitter> committer_;
};

/// The normalised key of a number.
model::NormalisedKey KeyOf(int64_t number);

/// "missing tables/…/x.parquet: why" of each finding.
std::vector<std::string> TextOf(const std::vector<Finding>& findings);

}  // namespace sleeper::check
