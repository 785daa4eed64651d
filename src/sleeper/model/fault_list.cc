#include "sleeper/model/fault_list.h"

#include <algorithm>

namespace sleeper::model {
namespace {

/// Further ones are only counted: nobody reads on.
constexpr size_t kFaultsListedMax = 50;

}  // namespace

void FaultList::Add(const Status& status) {
  if (status.ok()) return;
  faults_.push_back(status.message());
  if (hint_.empty()) hint_ = HintOf(status);
}

Status FaultList::ToStatus(std::string_view context) const {
  if (faults_.empty()) return Status::OK();
  std::string message(context);
  message += ": ";
  if (faults_.size() > 1) message += std::to_string(faults_.size()) + " faults: ";
  for (size_t i = 0; i < std::min(faults_.size(), kFaultsListedMax); ++i) {
    if (i > 0) message += "; ";
    message += faults_[i];
  }
  if (faults_.size() > kFaultsListedMax) message += "; and so on";
  Status status = MakeError(ErrorKind::kInvalid, std::move(message));
  return hint_.empty() ? status : WithHint(status, hint_);
}

}  // namespace sleeper::model
