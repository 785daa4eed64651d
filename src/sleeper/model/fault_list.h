#pragma once

#include <string>
#include <vector>

#include "sleeper/base/status.h"

namespace sleeper::model {

/// Collects what is wrong with a request, so that the user learns all of it at once. Confined.
class FaultList {
 public:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    faults_.push_back(Error(ErrorKind::kInvalid, parts...).message());
  }

  /// Takes over the message (and the hint) of a failed status; OK is no fault.
  void Add(const Status& status);

  bool empty() const { return faults_.empty(); }

  /// OK if there are none; otherwise kInvalid with all of them in one line, after `context`.
  Status ToStatus(std::string_view context) const;

 private:
  std::vector<std::string> faults_;
  std::string hint_;
};

}  // namespace sleeper::model
