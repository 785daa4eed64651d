#include "sleeper/store/given_up_write.h"

#include <string>

namespace sleeper::store {

Status WriteWasGivenUp(const ObjectPath& path) {
  return WithHint(Error(ErrorKind::kConflict, "the unfinished write of object '", path, "' was given up by a sweep"),
                  std::string(kGivenUpWriteHint));
}

}  // namespace sleeper::store
