#include "bench/engine/distant_store.h"

#include <utility>

#include "sleeper/base/event.h"
#include "sleeper/base/task_group.h"
#include "sleeper/store/parallel_ranges.h"

namespace sleeper {
namespace {

/// As S3StoreOptions has it.
constexpr int kRangesParallelMax = 16;

void LetPass(Executor& executor, Duration duration) { executor.SleepUntil(executor.clock().MonotonicNow() + duration); }

/// Hands bytes on at once, but lets whoever writes wait as if they went out in parts.
class DistantWriter final : public store::ObjectWriter {
 public:
  DistantWriter(std::unique_ptr<store::ObjectWriter> inner, const Distance& distance, Executor& executor)
      : inner_(std::move(inner)),
        distance_(distance),
        executor_(executor),
        free_slots_(executor, options_.parts_in_flight_max),
        parts_(executor) {}

  Status Append(Buffer bytes, const CallContext& call) override {
    for (waiting_bytes_ += bytes.size(); waiting_bytes_ > options_.part_bytes; waiting_bytes_ -= options_.part_bytes) {
      SendPart(options_.part_bytes);
    }
    return inner_->Append(std::move(bytes), call);
  }

  Result<store::PutOutcome> Finish(const CallContext& call) override {
    SendPart(waiting_bytes_);
    TRY(parts_.Join());
    LetPass(executor_, distance_.first_byte);
    return inner_->Finish(call);
  }

 private:
  void SendPart(int64_t bytes) {
    free_slots_.Acquire();
    parts_.RunStage([this, bytes] {
      LetPass(executor_, distance_.Of(bytes));
      free_slots_.Release();
      return Status::OK();
    });
  }

  const std::unique_ptr<store::ObjectWriter> inner_;
  const Distance distance_;
  const store::S3UploadOptions options_;
  Executor& executor_;
  int64_t waiting_bytes_ = 0;
  Semaphore free_slots_;
  TaskGroup parts_;
};

}  // namespace

Duration Distance::Of(int64_t bytes) const {
  const double seconds = static_cast<double>(bytes) / static_cast<double>(bytes_per_second);
  return first_byte + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

Result<Buffer> DistantStore::GetRange(const store::ObjectPath& path, ByteRange range, const CallContext& call) {
  LetPass(executor_, distance_.Of(range.size));
  return inner().GetRange(path, range, call);
}

Result<std::vector<Buffer>> DistantStore::GetRanges(const store::ObjectPath& path, std::span<const ByteRange> ranges,
                                                    const CallContext& call) {
  return store::ReadInParallel(executor_, ranges, kRangesParallelMax,
                               [&](ByteRange range) { return GetRange(path, range, call); });
}

Result<std::unique_ptr<store::ObjectWriter>> DistantStore::OpenWriter(const store::ObjectPath& path,
                                                                      store::PutMode mode, const CallContext& call) {
  TRY_ASSIGN(auto writer, inner().OpenWriter(path, mode, call));
  return std::make_unique<DistantWriter>(std::move(writer), distance_, executor_);
}

}  // namespace sleeper
