#include "sleeper/store/caching_store.h"

namespace sleeper::store {

bool CachingStore::Keeps(const ObjectPath& path, ByteRange range, const CallContext& call) const {
  const bool is_mistrustful = !policy_.mistrustful_caller.empty() && call.caller == policy_.mistrustful_caller;
  return !is_mistrustful && range.size > 0 && range.size <= policy_.piece_bytes_max && policy_.is_immutable(path);
}

Buffer CachingStore::Find(const Key& key) {
  MutexLock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return {};
  pieces_.splice(pieces_.begin(), pieces_, found->second);
  return found->second->bytes;
}

void CachingStore::Keep(const Key& key, const Buffer& bytes) {
  // A slice would keep the whole alive.
  Buffer own = Buffer::CopyOf(bytes.view());
  MutexLock lock(mutex_);
  if (by_key_.contains(key)) return;
  pieces_.push_front({key, std::move(own)});
  by_key_.emplace(key, pieces_.begin());
  bytes_used_ += key.size;
  while (bytes_used_ > policy_.bytes_max) Drop(std::prev(pieces_.end()));
}

void CachingStore::Drop(std::list<Piece>::iterator piece) {
  bytes_used_ -= piece->key.size;
  by_key_.erase(piece->key);
  pieces_.erase(piece);
}

Result<Buffer> CachingStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  if (!Keeps(path, range, call)) return inner().GetRange(path, range, call);
  const Key key{path, range.offset, range.size};
  if (Buffer kept = Find(key); !kept.empty()) return kept;
  TRY_ASSIGN(Buffer bytes, inner().GetRange(path, range, call));
  Keep(key, bytes);
  return bytes;
}

Result<std::vector<Buffer>> CachingStore::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                    const CallContext& call) {
  if (ranges.empty()) return inner().GetRanges(path, ranges, call);
  std::vector<Buffer> buffers(ranges.size());
  std::vector<ByteRange> missing;
  std::vector<size_t> places;
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (Keeps(path, ranges[i], call)) buffers[i] = Find({path, ranges[i].offset, ranges[i].size});
    if (!buffers[i].empty()) continue;
    missing.push_back(ranges[i]);
    places.push_back(i);
  }
  if (missing.empty()) return buffers;
  TRY_ASSIGN(std::vector<Buffer> read, inner().GetRanges(path, missing, call));
  for (size_t i = 0; i < missing.size(); ++i) {
    if (Keeps(path, missing[i], call)) Keep({path, missing[i].offset, missing[i].size}, read[i]);
    buffers[places[i]] = std::move(read[i]);
  }
  return buffers;
}

Status CachingStore::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  {
    MutexLock lock(mutex_);
    for (const ObjectPath& path : paths) {
      auto next = by_key_.lower_bound({path, INT64_MIN, INT64_MIN});
      while (next != by_key_.end() && next->first.path == path) Drop((next++)->second);
    }
  }
  return inner().Delete(paths, call);
}

int64_t CachingStore::bytes_used() const {
  MutexLock lock(mutex_);
  return bytes_used_;
}

}  // namespace sleeper::store
