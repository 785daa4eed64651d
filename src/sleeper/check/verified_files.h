#pragma once

#include "sleeper/base/status.h"
#include "sleeper/model/ids.h"

namespace sleeper::check {

/// The files that a check has read whole and found good, so that one which was interrupted goes on where it was: data
/// files never change. Thread-safe.
class VerifiedFiles {
 public:
  virtual ~VerifiedFiles() = default;

  virtual bool Contains(const model::FileId& file) const = 0;

  /// Notes a file, so that it is known also if the process dies now.
  virtual Status Add(const model::FileId& file) = 0;
};

}  // namespace sleeper::check
