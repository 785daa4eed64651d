#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sleeper/base/random.h"
#include "sleeper/model/file_record.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/model/row_hash.h"
#include "sleeper/model/table_definition.h"
#include "sleeper/state/table_state.h"
#include "sleeper/state/transaction.h"

namespace sleeper::sim {

/// Tables whose files are pretended have one key and nothing else.
model::TableDefinition PretendedDefinition();

/// A row of a table whose files are pretended: its key, and a number that no other row has.
struct PretendedRow {
  model::NormalisedKey key;
  uint64_t number = 0;

  friend auto operator<=>(const PretendedRow&, const PretendedRow&) = default;
};

model::RowHash HashOf(const std::vector<PretendedRow>& rows);

/// What stands in the data files of a scenario that is about the log and not about Parquet. Files are named by their
/// ids, never change, and are seen by every process. Confined.
class PretendedFiles {
 public:
  /// Writes a file, in key order, and says what the log is to know of it: one slice per leaf of the writer's state.
  state::NewFile WriteByLeaf(const model::FileId& id, std::vector<PretendedRow> rows, const state::TableState& state);

  /// The same with one slice, which holds all rows. REQUIRES: it does.
  state::NewFile WriteInto(const model::FileId& id, std::vector<PretendedRow> rows, const model::KeyInterval& interval);

  /// The rows inside an interval, in key order.
  std::vector<PretendedRow> Read(const model::FileId& id, const model::KeyInterval& interval) const;

  /// All rows of a table, sorted by number.
  std::vector<uint64_t> ReadAll(const state::TableState& state) const;

 private:
  state::NewFile Write(const model::FileId& id, const std::vector<PretendedRow>& rows);

  std::map<model::FileId, std::vector<PretendedRow>> files_;
};

}  // namespace sleeper::sim
