#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/store/forwarding_store.h"

namespace sleeper::store {

/// What is kept in memory, and how much of it. Value.
struct CachePolicy {
  /// Which objects never change and are never created again under the same name. No other is kept: a slot of a log may
  /// be re-created, and must be read from the store each time.
  std::function<bool(const ObjectPath& path)> is_immutable;
  int64_t bytes_max = int64_t{64} << 20;
  /// Larger pieces are not kept: they would drive out many small ones that are asked for more often.
  int64_t piece_bytes_max = int64_t{1} << 20;
  /// Calls of this caller (CallContext::caller) are answered by the store and leave nothing here: it wants to know what
  /// the store holds, not what it held. Empty: nobody.
  std::string mistrustful_caller;
};

/// Keeps the latest pieces of immutable objects in memory: ranges as they were asked for. Thread-safe.
///
/// What was deleted elsewhere may still be answered. Two reads of one piece at the same time may both go to the store.
class CachingStore final : public ForwardingStore {
 public:
  /// `inner` must outlive the store.
  CachingStore(ObjectStore& inner, CachePolicy policy) : ForwardingStore(inner), policy_(std::move(policy)) {}

  Result<Buffer> GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) override;
  Result<std::vector<Buffer>> GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                        const CallContext& call) override;
  Status Delete(std::span<const ObjectPath> paths, const CallContext& call) override;

  /// What the pieces hold.
  int64_t bytes_used() const;

 private:
  struct Key {
    ObjectPath path;
    int64_t offset = 0;
    int64_t size = 0;

    friend auto operator<=>(const Key&, const Key&) = default;
  };

  struct Piece {
    Key key;
    Buffer bytes;
  };

  bool Keeps(const ObjectPath& path, ByteRange range, const CallContext& call) const;
  /// An empty buffer if it is not here; an empty range is never kept.
  Buffer Find(const Key& key);
  void Keep(const Key& key, const Buffer& bytes);
  void Drop(std::list<Piece>::iterator piece) SLEEPER_REQUIRES(mutex_);

  const CachePolicy policy_;
  mutable Mutex mutex_;
  /// The piece used last comes first.
  std::list<Piece> pieces_ SLEEPER_GUARDED_BY(mutex_);
  std::map<Key, std::list<Piece>::iterator> by_key_ SLEEPER_GUARDED_BY(mutex_);
  int64_t bytes_used_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

}  // namespace sleeper::store
