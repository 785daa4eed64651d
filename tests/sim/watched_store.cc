#include "tests/sim/watched_store.h"

#include <utility>

namespace sleeper::sim {

using store::ObjectPath;
using store::PutOutcome;

Result<store::Object> WatchedStore::Get(const ObjectPath& path, const CallContext& call) {
  return inner_.Get(path, call);
}

Result<Buffer> WatchedStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  return inner_.GetRange(path, range, call);
}

Result<std::vector<Buffer>> WatchedStore::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                    const CallContext& call) {
  return inner_.GetRanges(path, ranges, call);
}

Result<PutOutcome> WatchedStore::Put(const ObjectPath& path, Buffer bytes, store::PutMode mode,
                                     const CallContext& call) {
  TRY_ASSIGN(const PutOutcome outcome, inner_.Put(path, bytes, mode, call));
  if (outcome == PutOutcome::kCreated) TellWritten(path, bytes);
  return outcome;
}

class WatchedStore::Writer final : public store::ObjectWriter {
 public:
  Writer(WatchedStore& store, ObjectPath path, std::unique_ptr<store::ObjectWriter> inner)
      : store_(store), path_(std::move(path)), inner_(std::move(inner)) {}

  Status Append(Buffer bytes, const CallContext& call) override { return inner_->Append(std::move(bytes), call); }

  Result<PutOutcome> Finish(const CallContext& call) override {
    TRY_ASSIGN(const PutOutcome outcome, inner_->Finish(call));
    if (outcome == PutOutcome::kCreated) {
      TRY_ASSIGN(const store::Object written, store_.inner_.Get(path_, call));
      store_.TellWritten(path_, written.bytes);
    }
    return outcome;
  }

 private:
  WatchedStore& store_;
  const ObjectPath path_;
  const std::unique_ptr<store::ObjectWriter> inner_;
};

Result<std::unique_ptr<store::ObjectWriter>> WatchedStore::OpenWriter(const ObjectPath& path, store::PutMode mode,
                                                                      const CallContext& call) {
  TRY_ASSIGN(auto inner, inner_.OpenWriter(path, mode, call));
  return std::make_unique<Writer>(*this, path, std::move(inner));
}

Result<store::ObjectInfo> WatchedStore::Head(const ObjectPath& path, const CallContext& call) {
  return inner_.Head(path, call);
}

Result<store::ListPage> WatchedStore::List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                           const CallContext& call) {
  return inner_.List(prefix, after, keys_max, call);
}

Status WatchedStore::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  std::vector<ObjectPath> there;
  for (const ObjectPath& path : paths) {
    if (!watchers_.empty() && inner_.Head(path, call).ok()) there.push_back(path);
  }
  TRY(inner_.Delete(paths, call));
  for (const ObjectPath& path : there) {
    for (size_t i = 0; i < watchers_.size(); ++i) watchers_[i]->Deleted(path);
  }
  return Status::OK();
}

Status WatchedStore::DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) {
  return inner_.DropAbandonedWrites(prefix, age, call);
}

void WatchedStore::TellWritten(const ObjectPath& path, const Buffer& bytes) {
  // A watcher may bring in another one, which is told, too.
  for (size_t i = 0; i < watchers_.size(); ++i) watchers_[i]->Written(path, bytes);
}

}  // namespace sleeper::sim
