#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/file/file_index.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/model/schema.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// Which rows are wanted, and of what. What it points at must outlive it.
struct BloomQuestion {
  store::ObjectStore* store = nullptr;
  const store::ObjectPath* path = nullptr;
  const FileIndex* index = nullptr;
  const model::Schema* schema = nullptr;
  /// Sorted and disjoint.
  std::span<const model::KeyInterval> intervals;
};

/// For each row group, those of the intervals that the Bloom filters of its row keys do not rule out: an interval in
/// which a field has one value can be. Empty if filters have nothing to say, in which case nothing is read; otherwise a
/// sector is read for each value, row group and field, all together.
///
/// kCorrupt, naming row group and field, if a sector is damaged.
Result<std::vector<std::vector<model::KeyInterval>>> AskBloomFilters(const BloomQuestion& question,
                                                                     const CallContext& call);

}  // namespace sleeper::file
