#include "sleeper/state/registry_log.h"

#include "sleeper/state/committer_impl.h"
#include "sleeper/state/log_audit_impl.h"
#include "sleeper/state/log_impl.h"

namespace sleeper::state {

template class Log<RegistryMachine>;
template class Committer<RegistryMachine>;

}  // namespace sleeper::state
