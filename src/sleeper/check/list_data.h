#pragma once

#include <cstddef>
#include <span>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/check/compare_files.h"
#include "sleeper/state/table_state.h"
#include "sleeper/store/object_store.h"

namespace sleeper::check {

/// A table of more files is listed in several ranges side by side.
inline constexpr size_t kFilesInOneRangeMax = 10'000;

/// Lists the data objects of a table and compares them with `files`, which are in the order of their paths. No more
/// than a page of each range is held.
Result<Differences> CompareWithListing(store::ObjectStore& store, Executor& executor, const model::TableId& table,
                                       std::span<const state::TrackedFile> files, const CallContext& call,
                                       size_t files_in_one_range_max = kFilesInOneRangeMax);

}  // namespace sleeper::check
