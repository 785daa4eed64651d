#include "sleeper/state/table_log.h"

#include "sleeper/state/committer_impl.h"
#include "sleeper/state/log_audit_impl.h"
#include "sleeper/state/log_impl.h"

namespace sleeper::state {

template class Log<TableMachine>;
template class Committer<TableMachine>;

}  // namespace sleeper::state
