#pragma once

#include <functional>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/ingest/file_set_writer.h"
#include "sleeper/model/ids.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/scratch.h"

namespace sleeper::ingest {

/// Where an ingest reads and writes. The ports must outlive it.
struct IngestPorts {
  store::ObjectStore& store;
  model::TableId table;
  store::ScratchSpace& scratch;
  Executor& executor;
  Random& random;
  FreshState fresh_state;
  /// Called often while rows are read, sorted and written, also while nothing comes, if it is given; a failure ends the
  /// ingest.
  std::function<Status(const CallContext& call)> keep_alive = nullptr;
};

}  // namespace sleeper::ingest
