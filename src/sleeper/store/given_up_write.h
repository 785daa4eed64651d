#pragma once

#include <string_view>

#include "sleeper/base/status.h"
#include "sleeper/store/object_path.h"

namespace sleeper::store {

/// What whoever meets a given-up write should do.
inline constexpr std::string_view kGivenUpWriteHint =
    "its writer was silent for so long that a sweep took it for dead: run the job again under the same id";

/// The failure of a writer whose unfinished write DropAbandonedWrites has removed.
Status WriteWasGivenUp(const ObjectPath& path);

}  // namespace sleeper::store
