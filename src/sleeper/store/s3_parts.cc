#include "sleeper/store/s3_parts.h"

#include <algorithm>

#include "sleeper/store/abandoned_write.h"

namespace sleeper::store {
namespace {

constexpr size_t kPartsMax = 10'000;
/// How often a wait looks whether it is still wanted.
constexpr Duration kSlice = std::chrono::milliseconds(100);

}  // namespace

S3Parts::S3Parts(const S3UploadPorts& ports, std::string key, std::string upload_id)
    : ports_(ports),
      key_(std::move(key)),
      upload_id_(std::move(upload_id)),
      free_slots_(ports.executor, ports.options.parts_in_flight_max),
      group_(ports.executor) {}

S3Parts::~S3Parts() {
  group_.Cancel();
  static_cast<void>(group_.Join());
}

S3Request S3Parts::Request(std::string_view operation, std::string_view method) const {
  return {.operation = operation, .method = method, .key = key_, .query = {{"uploadId", upload_id_}}};
}

Status S3Parts::WaitForSlots(int64_t slots, const CallContext& call) {
  const Clock& clock = ports_.connection.clock();
  while (!free_slots_.Acquire(slots, std::min(call.deadline, clock.MonotonicNow() + kSlice))) {
    TRY(call.Check(clock));
    // After a failure some parts are not even begun, and give back no slot.
    if (group_.cancellation().cancelled()) break;
  }
  if (group_.cancellation().cancelled()) return group_.Join();
  return Status::OK();
}

Status S3Parts::Send(std::vector<Buffer> body, const CallContext& call) {
  if (count_ >= kPartsMax)
    return Error(ErrorKind::kInvalid, "object '", key_, "' is larger than an object of S3 can be");
  TRY(WaitForSlots(1, call));
  // The part may be on its way for longer than this call: it does not look at what the caller owns.
  CallContext own = {.deadline = call.deadline, .cancellation = &group_.cancellation(), .caller = call.caller};
  group_.RunStage([this, number = ++count_, own, body = std::move(body)]() mutable {
    const Status sent = SendOne(number, std::move(body), own);
    free_slots_.Release();
    return sent;
  });
  return Status::OK();
}

Status S3Parts::SendOne(size_t number, std::vector<Buffer> body, const CallContext& call) {
  S3Request request = Request("UploadPart", "PUT");
  request.query.emplace_back("partNumber", std::to_string(number));
  request.body = std::move(body);
  const auto ask = [&]() -> Result<std::string> {
    const auto response = ports_.connection.Ask(request, call);
    if (!response.ok()) return AbandonedWrite(response.status(), call, ports_.connection.clock());
    std::string etag(response->Header("etag"));
    if (etag.empty()) return Error(ErrorKind::kUnavailable, ports_.connection.Describe(request), ": no ETag came back");
    return etag;
  };
  TRY_ASSIGN(std::string etag, Repeat(ports_.NewSchedule(), Repeatable::kAlways, call, ask));
  MutexLock lock(mutex_);
  etags_.resize(std::max(etags_.size(), number));
  etags_[number - 1] = std::move(etag);
  return Status::OK();
}

Result<std::vector<std::string>> S3Parts::Finish(const CallContext& call) {
  TRY(WaitForSlots(free_slots_.capacity(), call));
  TRY(group_.Join());
  MutexLock lock(mutex_);
  return etags_;
}

}  // namespace sleeper::store
