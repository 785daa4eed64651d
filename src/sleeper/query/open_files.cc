#include "sleeper/query/open_files.h"

#include <utility>

#include "sleeper/state/layout.h"

namespace sleeper::query {
namespace {

/// A parsed index takes about this many times the bytes that it has in the file.
constexpr int64_t kParsedSizeFactor = 4;

}  // namespace

Result<std::shared_ptr<const file::DataFileReader>> OpenFiles::Open(
    const model::FileRecord& file, const std::shared_ptr<const columnar::Layout>& layout, const CallContext& call) {
  if (auto reader = Find(file.id)) return reader;
  // Two that miss at the same time both read it: harmless, and no lock is held meanwhile.
  TRY_ASSIGN(auto reader, file::DataFileReader::Open(store_, state::DataFilePath(table_, file.id), file.size_bytes,
                                                     file.tail_bytes, layout, call));
  Keep({file.id, file.tail_bytes * kParsedSizeFactor, reader});
  return reader;
}

std::shared_ptr<const file::DataFileReader> OpenFiles::Find(const model::FileId& id) {
  MutexLock lock(mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->reader;
}

void OpenFiles::Keep(Entry entry) {
  MutexLock lock(mutex_);
  if (entry.bytes > bytes_max_ || by_id_.contains(entry.id)) return;
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  by_id_[entries_.front().id] = entries_.begin();
  while (bytes_ > bytes_max_) {
    bytes_ -= entries_.back().bytes;
    by_id_.erase(entries_.back().id);
    entries_.pop_back();
  }
}

}  // namespace sleeper::query
