#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/table_state.h"
#include "sleeper/store/object_store.h"

namespace sleeper::collect {

enum class ObjectKind { kDataFile, kBody, kPlan };

/// An object that a state does not know.
struct Orphan {
  store::ObjectPath path;
  int64_t bytes = 0;
  WallTime last_modified;
  ObjectKind kind = ObjectKind::kDataFile;
  model::LogNumber birth = 0;
  /// The name that a state or an entry would know it by. Plans have none.
  model::FileId name;
};

struct OrphanListing {
  std::vector<Orphan> orphans;
  /// True if there may be more than are listed.
  bool more = false;
  /// Objects whose names are none of ours. They are left alone.
  int64_t foreign = 0;
  /// The latest time that was seen in the store.
  WallTime newest;
};

/// Lists the data files, bodies and plans of a table that `state` does not know. An orphan may belong to a job that is
/// under way, or have become part of the table since.
///
/// A body is known if the entry after its birth, the only one that can, names it.
///
/// With a `slice`, any number, only a part of the data files of a large table is looked at: about as many for a table
/// of any size. Over all numbers, all are.
Result<OrphanListing> FindOrphans(store::ObjectStore& store, Executor& executor, const model::TableId& table,
                                  const state::TableState& state, std::optional<uint64_t> slice,
                                  const CallContext& call);

/// The orphans that `state`, a newer one than that of the listing, does not know either. If all of them were born below
/// its sweep floor, it never will.
Result<std::vector<Orphan>> StillOrphans(store::ObjectStore& store, Executor& executor, const model::TableId& table,
                                         const state::TableState& state, std::vector<Orphan> orphans,
                                         const CallContext& call);

}  // namespace sleeper::collect
