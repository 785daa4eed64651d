#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sleeper/base/time.h"
#include "sleeper/check/finding.h"
#include "sleeper/model/file_record.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/table_state.h"
#include "sleeper/store/object_store.h"

namespace sleeper::check {

/// Where the files of a state and a listing of the store differ. Value.
struct Differences {
  /// Files with references whose objects were not listed.
  std::vector<model::FileRecord> missing;
  /// Files with references whose objects have another size.
  struct WrongSize {
    model::FileRecord file;
    int64_t size = 0;
  };
  std::vector<WrongSize> wrong_sizes;
  /// Objects that are no file of the state.
  std::vector<store::ObjectInfo> unknown;

  void Append(Differences other);
};

/// Compares files with objects, both in the order of their paths. A file without references may be gone already:
/// collecting deletes the object first. Pure.
Differences CompareFiles(const model::TableId& table, std::span<const state::TrackedFile> files,
                         std::span<const store::ObjectInfo> objects);

/// Calls files missing or bad only if `fresh` still needs them: one that was collected while the store was looked at is
/// no longer of interest. `fresh` is a state from after the listing. Pure.
std::optional<Finding> JudgeMissing(const model::TableId& table, const state::TableState& fresh,
                                    const model::FileRecord& file);
std::optional<Finding> JudgeBad(const model::TableId& table, const state::TableState& fresh,
                                const model::FileRecord& file, std::string why);

/// What tells an orphan from a file that is being made.
struct OrphanRule {
  /// As the property sweep.age.minutes has it.
  Duration age{};
  /// By the clock of this process: nothing is deleted by it.
  WallTime now;
};

/// What an object is that `fresh`, a state from after the listing, does not know either. Pure.
Finding JudgeUnknown(const model::TableId& table, const state::TableState& fresh, const store::ObjectInfo& object,
                     const OrphanRule& rule);

}  // namespace sleeper::check
