#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sleeper/model/ids.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/transaction.h"
#include "tests/sim/log_witness.h"
#include "tests/sim/pretended_files.h"

namespace sleeper::sim {

/// The witness of a table's log. It keeps an account of its own of jobs, births and rows. Confined.
class TableWitness final : public LogWitness<state::TableMachine> {
 public:
  /// Both must outlive it.
  TableWitness(Simulation& simulation, state::LogLayout layout, const PretendedFiles& files);

  /// The number of the entry that brought the rows of a job; 0 if there is none.
  model::LogNumber EntryOfJob(const model::JobId& job) const;
  /// The same by a file that was added, or written by a compaction.
  model::LogNumber EntryOfFile(const model::FileId& file) const;

 protected:
  void Account(const state::Transaction& transaction) override;
  void CheckNewest(const std::string& who, const state::TableState& state) override;

 private:
  void AccountBirths(const std::vector<state::NewFile>& files);

  const PretendedFiles& files_;
  std::map<model::JobId, model::LogNumber> jobs_;
  std::map<model::FileId, model::LogNumber> files_added_;
  /// The numbers of all rows that the table has now.
  std::set<uint64_t> rows_;
  model::LogNumber floor_ = 0;
};

}  // namespace sleeper::sim
