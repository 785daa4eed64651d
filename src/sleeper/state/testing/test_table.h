#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/state/layout.h"
#include "sleeper/state/table_state.h"
#include "sleeper/state/table_transition.h"
#include "sleeper/state/transaction.h"

namespace sleeper::state {

/// A definition with one string key and one value. Normalised keys are bytes to the state, so tests write "m" for a
/// key.
model::TableDefinition SampleDefinition(model::PropertyMap properties = {});

/// "[a,m)" as an interval; "" is an open end.
model::KeyInterval Interval(std::string_view lower, std::string_view upper);

/// The hash of some rows, for tests: additive, as the real one is.
model::RowHash HashOfRows(int64_t first, int64_t count);

/// A table whose transactions are applied one by one, each as an entry of its own, without a log. Confined.
class TestTable {
 public:
  explicit TestTable(std::vector<model::NormalisedKey> split_points = {}, model::PropertyMap properties = {});

  const TableState& state() const { return *state_; }
  const TableStatePtr& state_ptr() const { return state_; }

  /// Applies it if it fits.
  TransactionOutcome Try(const Transaction& transaction);

  /// "applied", "already done", or the kind of the refusal, such as "conflict".
  std::string Do(const Transaction& transaction);

  /// A new file called `name` ("a1") that was written over slices such as {"[,m)", 10}, with the bounds given.
  NewFile File(std::string name, model::KeyBounds bounds, std::vector<IntervalRows> slices);
  /// The same with one slice of all keys.
  NewFile File(std::string name, model::KeyBounds bounds, int64_t rows);

  /// Adds files without a job.
  std::string Add(std::vector<NewFile> files);
  AddFiles Adding(std::vector<NewFile> files) const;

  /// A compaction of the references that lie in the partition of `key`.
  UnfinishedJob Compaction(std::string id, std::string_view key) const;
  /// What that compaction commits: all input rows into one file called `name`.
  ReplaceFiles Compacted(const UnfinishedJob& job, std::string name);

  /// The id of the file called `name`.
  const model::FileId& IdOf(const std::string& name) const { return ids_.at(name); }

  /// All references as "name[lower,upper)rows", with "~" if the rows are not exact, "@job" and "!attempts".
  std::vector<std::string> References() const;
  /// All partitions as "id[lower,upper)".
  std::vector<std::string> Partitions() const;

 private:
  TableStatePtr state_ = TableState::Empty();
  std::map<std::string, model::FileId> ids_;
  std::map<model::FileId, std::string> names_;
  uint64_t files_made_ = 0;
};

/// Everything that must hold of any state, recomputed from its parts; the first breach as text, or an empty text.
std::string FindBrokenLaw(const TableState& state);

}  // namespace sleeper::state
