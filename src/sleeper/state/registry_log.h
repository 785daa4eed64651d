#pragma once

#include "sleeper/state/committer.h"
#include "sleeper/state/log.h"
#include "sleeper/state/registry_machine.h"

namespace sleeper::state {

/// The log of the registry, opened with LogLayout::ForRegistry().
using RegistryLog = Log<RegistryMachine>;
using RegistryCommitter = Committer<RegistryMachine>;

extern template class Log<RegistryMachine>;
extern template class Committer<RegistryMachine>;

}  // namespace sleeper::state
