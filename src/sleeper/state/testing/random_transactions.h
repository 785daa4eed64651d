#pragma once

#include <cstdint>
#include <string>

#include "sleeper/base/random.h"
#include "sleeper/state/table_state.h"
#include "sleeper/state/transaction.h"

namespace sleeper::state {

/// Makes transactions that mostly fit a state, of every kind, and some that do not. Confined.
class RandomTransactions {
 public:
  explicit RandomTransactions(Random& random) : random_(random) {}

  Transaction Next(const TableState& state);

 private:
  std::string Key();
  model::JobId NewJobId();
  NewFile File(const TableState& state, const model::KeyInterval& within, int64_t rows, model::RowHash hash);

  AddFiles Add(const TableState& state);
  AssignJobs Assign(const TableState& state);
  Transaction Replace(const TableState& state);
  Transaction Release(const TableState& state);
  RegisterJobs Register(const TableState& state);
  SplitPartitions Split(const TableState& state);
  MergePartitions Merge(const TableState& state);
  ForgetFiles Forget(const TableState& state);
  RecordJobs Record(const TableState& state);

  Random& random_;
  uint64_t jobs_made_ = 0;
};

}  // namespace sleeper::state
