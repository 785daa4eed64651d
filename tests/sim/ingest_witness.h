#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sleeper/base/time.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/transaction.h"
#include "tests/sim/log_witness.h"
#include "tests/sim/number_rows.h"

namespace sleeper::sim {

/// The rows that each ingest job brings.
using RowsOfJobs = std::map<model::JobId, std::vector<NumberRow>>;

/// The witness of the log of a table with real data files: which jobs' rows the table holds after each entry. Confined.
class IngestWitness final : public LogWitness<state::TableMachine> {
 public:
  /// The first two must outlive it. `is_gone`, if there is one, says whether the table never came to be.
  IngestWitness(Simulation& simulation, const model::TableId& table, const RowsOfJobs& rows_of_jobs,
                std::function<bool()> is_gone = {})
      : LogWitness(simulation, state::LogLayout::ForTable(table)),
        table_(table),
        rows_of_jobs_(rows_of_jobs),
        is_gone_(std::move(is_gone)) {}

  /// The jobs in the order in which their rows came.
  const std::vector<model::JobId>& jobs() const { return jobs_; }
  /// 0 if it is not there.
  model::LogNumber EntryOfJob(const model::JobId& job) const;

  /// The rows of the first `jobs` jobs with keys in [from, to), sorted.
  std::vector<NumberRow> Rows(size_t jobs, int64_t from, int64_t to) const;

  /// From now on no file may be deleted sooner after its last reference went.
  void set_collect_delay(Duration delay) { collect_delay_ = delay; }

  /// True if the table was dropped.
  bool ended() const { return newest_state().dropped(); }

 protected:
  void Account(const state::Transaction& transaction) override;
  void EntryEnded() override { times_.push_back(simulation_.scheduler().now()); }
  void OtherDeleted(const store::ObjectPath& path) override;
  bool MayVanish() const override { return is_gone_ && is_gone_(); }
  void CheckNewest(const std::string& who, const state::TableState& state) override;

 private:
  /// Data first, log entry last.
  void CheckFiles(const std::vector<state::NewFile>& files);

  const model::TableId table_;
  const RowsOfJobs& rows_of_jobs_;
  const std::function<bool()> is_gone_;
  Duration collect_delay_{};
  /// When each entry was written.
  std::vector<Duration> times_;
  std::vector<model::JobId> jobs_;
  std::map<model::JobId, model::LogNumber> entries_;
};

}  // namespace sleeper::sim
