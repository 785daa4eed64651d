#include "sleeper/store/metered_store.h"

#include <algorithm>
#include <utility>

namespace sleeper::store {
namespace {

constexpr int64_t kPartBytes = int64_t{8} << 20;
constexpr int64_t kDeletedPerRequest = 1000;

/// What S3 bills for an object of `bytes` that was streamed.
int64_t RequestsToStream(int64_t bytes) {
  const int64_t parts = std::max<int64_t>(1, (bytes + kPartBytes - 1) / kPartBytes);
  return parts == 1 ? 1 : parts + 2;
}

}  // namespace

class MeteredStore::Writer final : public ObjectWriter {
 public:
  Writer(std::unique_ptr<ObjectWriter> inner, StoreMeter& meter) : inner_(std::move(inner)), meter_(meter) {}

  Status Append(Buffer bytes, const CallContext& call) override {
    bytes_ += bytes.size();
    return inner_->Append(std::move(bytes), call);
  }

  Result<PutOutcome> Finish(const CallContext& call) override {
    const StoreMeter::Request request = meter_.Start(Verb::kPut, call.caller, RequestsToStream(bytes_));
    auto outcome = inner_->Finish(call);
    meter_.End(request, outcome.ok() ? bytes_ : 0);
    return outcome;
  }

 private:
  const std::unique_ptr<ObjectWriter> inner_;
  StoreMeter& meter_;
  int64_t bytes_ = 0;
};

Result<Object> MeteredStore::Get(const ObjectPath& path, const CallContext& call) {
  const StoreMeter::Request request = meter_.Start(Verb::kGet, call.caller);
  auto object = inner_.Get(path, call);
  meter_.End(request, object.ok() ? object->bytes.size() : 0);
  return object;
}

Result<Buffer> MeteredStore::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  const StoreMeter::Request request = meter_.Start(Verb::kGet, call.caller);
  auto buffer = inner_.GetRange(path, range, call);
  meter_.End(request, buffer.ok() ? buffer->size() : 0);
  return buffer;
}

Result<std::vector<Buffer>> MeteredStore::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                                    const CallContext& call) {
  if (ranges.empty()) return inner_.GetRanges(path, ranges, call);
  const StoreMeter::Request request = meter_.Start(Verb::kGet, call.caller, static_cast<int64_t>(ranges.size()));
  auto buffers = inner_.GetRanges(path, ranges, call);
  int64_t bytes = 0;
  if (buffers.ok()) {
    for (const Buffer& buffer : *buffers) bytes += buffer.size();
  }
  meter_.End(request, bytes);
  return buffers;
}

Result<PutOutcome> MeteredStore::Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) {
  const int64_t size = bytes.size();
  const StoreMeter::Request request = meter_.Start(Verb::kPut, call.caller);
  auto outcome = inner_.Put(path, std::move(bytes), mode, call);
  meter_.End(request, outcome.ok() ? size : 0);
  return outcome;
}

Result<std::unique_ptr<ObjectWriter>> MeteredStore::OpenWriter(const ObjectPath& path, PutMode mode,
                                                               const CallContext& call) {
  TRY_ASSIGN(auto writer, inner_.OpenWriter(path, mode, call));
  return std::make_unique<Writer>(std::move(writer), meter_);
}

Result<ObjectInfo> MeteredStore::Head(const ObjectPath& path, const CallContext& call) {
  const StoreMeter::Request request = meter_.Start(Verb::kHead, call.caller);
  auto info = inner_.Head(path, call);
  meter_.End(request, 0);
  return info;
}

Result<ListPage> MeteredStore::List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                                    const CallContext& call) {
  const StoreMeter::Request request = meter_.Start(Verb::kList, call.caller);
  auto page = inner_.List(prefix, after, keys_max, call);
  meter_.End(request, 0);
  return page;
}

Status MeteredStore::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  if (paths.empty()) return inner_.Delete(paths, call);
  const int64_t requests = (static_cast<int64_t>(paths.size()) + kDeletedPerRequest - 1) / kDeletedPerRequest;
  const StoreMeter::Request request = meter_.Start(Verb::kDelete, call.caller, requests);
  Status status = inner_.Delete(paths, call);
  meter_.End(request, 0);
  return status;
}

Status MeteredStore::DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) {
  const StoreMeter::Request request = meter_.Start(Verb::kList, call.caller);
  Status status = inner_.DropAbandonedWrites(prefix, age, call);
  meter_.End(request, 0);
  return status;
}

}  // namespace sleeper::store
