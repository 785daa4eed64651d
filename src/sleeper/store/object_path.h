#pragma once

#include <string>

#include "sleeper/base/strong_id.h"

namespace sleeper::store {

/// The name of an object: UTF-8, at most 1,024 bytes, parts separated by "/", for example "tables/1f2e/log/0a". It
/// never starts or ends with "/", has no empty, "." or ".." part and no control characters. A prefix for listing may be
/// empty or end anywhere.
using ObjectPath = StrongId<"object-path">;

}  // namespace sleeper::store
