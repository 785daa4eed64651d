#pragma once

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/object_store.h"

namespace sleeper::collect {

/// A table and what cleaning it takes. The ports must outlive the operation.
struct TablePorts {
  store::ObjectStore& store;
  Executor& executor;
  Random& random;
  model::TableId table;
  state::TableLog& log;
  state::TableCommitter& committer;
};

}  // namespace sleeper::collect
