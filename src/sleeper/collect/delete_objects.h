#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/store/object_store.h"

namespace sleeper::collect {

/// An object that nobody needs.
struct DoomedObject {
  store::ObjectPath path;
  int64_t bytes = 0;
};

/// What became of some doomed objects.
struct Deletion {
  /// One for each object: true if it is gone.
  std::vector<bool> deleted;
  /// Those that are gone.
  int64_t objects = 0;
  int64_t bytes = 0;
  /// Why the first of the others is not.
  Status failure;

  int64_t failed() const { return static_cast<int64_t>(deleted.size()) - objects; }
};

/// Deletes objects, many with one call and several calls side by side. One that cannot be deleted does not keep the
/// others from it, unless several in a row fail, and it is the store that fails. One that is not there counts as
/// deleted.
Deletion DeleteObjects(store::ObjectStore& store, Executor& executor, std::span<const DoomedObject> objects,
                       const CallContext& call);

}  // namespace sleeper::collect
