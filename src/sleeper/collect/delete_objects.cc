#include "sleeper/collect/delete_objects.h"

#include <algorithm>
#include <atomic>

#include "sleeper/base/task_group.h"

namespace sleeper::collect {
namespace {

/// What S3 deletes with one request.
constexpr size_t kObjectsPerCall = 1'000;
constexpr int kCallsAtATime = 8;
/// Single objects of a failed call that fail one after the other, before the rest is left for another time.
constexpr int kFailuresInARowMax = 3;

/// The objects of one call.
class Batch {
 public:
  Batch(store::ObjectStore& store, std::span<const DoomedObject> objects, const CallContext& call)
      : store_(store), call_(call), deleted_(objects.size(), false) {
    for (const DoomedObject& object : objects) paths_.push_back(object.path);
  }

  const std::vector<bool>& deleted() const { return deleted_; }
  const Status& failure() const { return failure_; }

  /// False if nothing more can be deleted at present.
  bool Delete() {
    const Status together = store_.Delete(paths_, call_);
    if (together.ok()) deleted_.assign(paths_.size(), true);
    if (together.ok()) return true;
    if (IsKind(together, ErrorKind::kCancelled)) failure_ = together;
    return failure_.ok() && DeleteOneByOne();
  }

 private:
  bool DeleteOneByOne() {
    int failures_in_a_row = 0;
    for (size_t i = 0; i < paths_.size() && failures_in_a_row < kFailuresInARowMax; ++i) {
      const Status alone = store_.Delete({&paths_[i], 1}, call_);
      deleted_[i] = alone.ok();
      failures_in_a_row = alone.ok() ? 0 : failures_in_a_row + 1;
      if (failure_.ok() && !alone.ok()) failure_ = WithContext(alone, paths_[i].value());
      if (IsKind(alone, ErrorKind::kCancelled)) return false;
    }
    return failures_in_a_row < kFailuresInARowMax;
  }

  store::ObjectStore& store_;
  const CallContext& call_;
  std::vector<store::ObjectPath> paths_;
  std::vector<bool> deleted_;
  Status failure_;
};

}  // namespace

Deletion DeleteObjects(store::ObjectStore& store, Executor& executor, std::span<const DoomedObject> objects,
                       const CallContext& call) {
  std::vector<Batch> batches;
  for (size_t first = 0; first < objects.size(); first += kObjectsPerCall) {
    batches.emplace_back(store, objects.subspan(first, std::min(kObjectsPerCall, objects.size() - first)), call);
  }
  std::atomic<bool> goes_on = true;
  const Status ran = ParallelFor(executor, static_cast<int64_t>(batches.size()), kCallsAtATime, [&](int64_t i) {
    if (goes_on && !batches[static_cast<size_t>(i)].Delete()) goes_on = false;
    return Status::OK();
  });
  Deletion deletion;
  for (const Batch& batch : batches) {
    deletion.deleted.insert(deletion.deleted.end(), batch.deleted().begin(), batch.deleted().end());
    if (deletion.failure.ok()) deletion.failure = batch.failure();
  }
  if (deletion.failure.ok()) deletion.failure = ran;
  for (size_t i = 0; i < objects.size(); ++i) {
    if (!deletion.deleted[i]) continue;
    ++deletion.objects;
    deletion.bytes += objects[i].bytes;
  }
  return deletion;
}

}  // namespace sleeper::collect
