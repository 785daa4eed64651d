#pragma once

#include <string>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/compact/compaction_ports.h"
#include "sleeper/engine/input_buckets.h"
#include "sleeper/query/open_files.h"
#include "sleeper/state/registry.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/object_store.h"

namespace sleeper::engine {

/// The ports of an instance that its tables use. All outlive the tables.
struct TablePorts {
  store::ObjectStore& store;
  const Clock& clock;
  Random& random;
  Executor& executor;
  /// For what mostly waits for the store.
  Executor& io_executor;
  state::Registry& registry;
  InputBuckets& inputs;
  /// Whether the store takes its time to answer.
  compact::ReadAhead read_ahead;
  /// Where temporary files of sorts go.
  std::string scratch_folder;
};

/// What a Table is made of. Thread-safe.
struct TableParts {
  TableParts(const TablePorts& table_ports, state::RegisteredTable table, const state::LogOptions& options)
      : ports(table_ports),
        registered(std::move(table)),
        log(ports.store, ports.clock, ports.random, ports.io_executor, state::LogLayout::ForTable(registered.id),
            options),
        committer(log),
        files(ports.store, registered.id) {}

  const TablePorts ports;
  const state::RegisteredTable registered;
  state::TableLog log;
  state::TableCommitter committer;
  query::OpenFiles files;
};

}  // namespace sleeper::engine
