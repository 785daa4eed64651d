#include "sleeper/store/open_writes.h"

#include <utility>

#include "sleeper/store/given_up_write.h"

namespace sleeper::store {

OpenWrites::Entry::Entry(OpenWrites& writes, ObjectPath path)
    : writes_(writes), path_(std::move(path)), number_(writes.Start(path_)) {}

OpenWrites::Entry::~Entry() {
  MutexLock lock(writes_.mutex_);
  writes_.open_.erase(number_);
}

Status OpenWrites::Entry::Touch() {
  const WallTime now = writes_.clock_.Now();
  MutexLock lock(writes_.mutex_);
  const auto found = writes_.open_.find(number_);
  if (found == writes_.open_.end()) return WriteWasGivenUp(path_);
  found->second.last_touched = now;
  return Status::OK();
}

int64_t OpenWrites::Start(const ObjectPath& path) {
  const WallTime now = clock_.Now();
  MutexLock lock(mutex_);
  open_.emplace(++started_, Open{path, now});
  return started_;
}

void OpenWrites::DropAbandoned(const ObjectPath& prefix, Duration age) {
  const WallTime oldest_kept = clock_.Now() - age;
  MutexLock lock(mutex_);
  std::erase_if(open_, [&](const auto& entry) {
    const Open& write = entry.second;
    return write.path.value().starts_with(prefix.value()) && write.last_touched <= oldest_kept;
  });
}

}  // namespace sleeper::store
