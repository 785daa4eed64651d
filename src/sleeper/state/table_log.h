#pragma once

#include "sleeper/state/committer.h"
#include "sleeper/state/log.h"
#include "sleeper/state/table_machine.h"

namespace sleeper::state {

/// The log of one table, opened with LogLayout::ForTable(id).
using TableLog = Log<TableMachine>;
using TableCommitter = Committer<TableMachine>;
using CommitOutcome = Committed<TableState>;

extern template class Log<TableMachine>;
extern template class Committer<TableMachine>;

}  // namespace sleeper::state
