#include "sleeper/store/s3_upload.h"

#include <algorithm>

#include "sleeper/store/abandoned_write.h"
#include "sleeper/store/s3_answer.h"
#include "sleeper/store/s3_xml.h"

namespace sleeper::store {
namespace {

/// So many parts have each of the sizes.
constexpr size_t kPartsOfFirstSize = 1'000;
constexpr size_t kPartsOfSecondSize = 4'000;
constexpr int64_t kGrowth = 4;
/// Dropping an upload must not hold up its owner for longer.
constexpr Duration kAbortTimeMax = std::chrono::seconds(10);

void AddCondition(PutMode mode, S3Request& request) {
  if (mode == PutMode::kIfAbsent) request.headers.push_back({"If-None-Match", "*"});
}

}  // namespace

Result<PutOutcome> PutS3Object(S3Connection& connection, const std::string& key, std::vector<Buffer> body, PutMode mode,
                               const CallContext& call) {
  S3Request request{.operation = "PutObject", .method = "PUT", .key = key, .body = std::move(body)};
  AddCondition(mode, request);
  TRY_ASSIGN(const net::HttpResponse response, connection.Send(request, call));
  if (response.ok()) {
    // Something that is no store of objects may answer 200 to everything, and has kept nothing.
    if (response.Header("etag").empty())
      return WithHint(Error(ErrorKind::kOutcomeUnknown, connection.Describe(request), ": the store answered ",
                            response.status, " without an ETag"),
                      kForeignEndpointHint);
    return PutOutcome::kCreated;
  }
  if (mode == PutMode::kIfAbsent && IsPreconditionFailed(response.status, {})) return PutOutcome::kExists;
  return connection.FailureOf(request, response);
}

S3Upload::~S3Upload() {
  if (parts_ == nullptr || is_over_) return;
  const S3Request abort = parts_->Request("AbortMultipartUpload", "DELETE");
  // A part that arrives after the end would stay for ever.
  parts_.reset();
  CallContext call;
  call.deadline = ports_.connection.clock().MonotonicNow() + kAbortTimeMax;
  // What stays behind if it fails is removed by DropAbandonedWrites.
  static_cast<void>(ports_.connection.Send(abort, call));
}

int64_t S3Upload::NextPartBytes() const {
  const int64_t first = ports_.options.part_bytes;
  const size_t parts = parts_ == nullptr ? 0 : parts_->count();
  if (parts < kPartsOfFirstSize) return first;
  return parts < kPartsOfSecondSize ? first * kGrowth : first * kGrowth * kGrowth;
}

Status S3Upload::Append(Buffer bytes, const CallContext& call) {
  TRY(call.Check(ports_.connection.clock()));
  TRY(failure_);
  if (bytes.empty()) return Status::OK();
  waiting_bytes_ += bytes.size();
  waiting_.push_back(std::move(bytes));
  // The last part goes out with Finish, so that an object of one part is a single request.
  while (waiting_bytes_ > NextPartBytes()) {
    failure_ = SendPart(NextPartBytes(), call);
    TRY(failure_);
  }
  return Status::OK();
}

Result<PutOutcome> S3Upload::Finish(const CallContext& call) {
  TRY(call.Check(ports_.connection.clock()));
  TRY(failure_);
  if (parts_ == nullptr && ports_.options.small_streams == SmallStreams::kOneRequest) {
    const std::vector<Buffer> body = TakeWaiting(waiting_bytes_);
    return Repeat(ports_.NewSchedule(), Repeatable::kWithoutEffect, call,
                  [&] { return PutS3Object(ports_.connection, key_, body, mode_, call); });
  }
  if (waiting_bytes_ > 0 || parts_ == nullptr) TRY(SendPart(waiting_bytes_, call));
  TRY_ASSIGN(const std::vector<std::string> etags, parts_->Finish(call));
  auto outcome = Repeat(ports_.NewSchedule(), Repeatable::kWithoutEffect, call, [&] { return Complete(etags, call); });
  // Created, or perhaps: there is nothing to drop.
  is_over_ = outcome.ok() ? *outcome == PutOutcome::kCreated : IsKind(outcome.status(), ErrorKind::kOutcomeUnknown);
  return outcome;
}

Status S3Upload::Begin(const CallContext& call) {
  const S3Request request{
      .operation = "CreateMultipartUpload", .method = "POST", .key = key_, .query = {{"uploads", ""}}};
  const auto ask = [&]() -> Result<std::string> {
    const auto response = ports_.connection.Ask(request, call);
    if (!response.ok()) return AbandonedWrite(response.status(), call, ports_.connection.clock());
    return ParseS3UploadId(response->body.view());
  };
  TRY_ASSIGN(std::string upload_id, Repeat(ports_.NewSchedule(), Repeatable::kAlways, call, ask));
  parts_ = std::make_unique<S3Parts>(ports_, key_, std::move(upload_id));
  return Status::OK();
}

Status S3Upload::SendPart(int64_t size, const CallContext& call) {
  if (parts_ == nullptr) TRY(Begin(call));
  return parts_->Send(TakeWaiting(size), call);
}

Result<PutOutcome> S3Upload::Complete(const std::vector<std::string>& etags, const CallContext& call) {
  S3Request request = parts_->Request("CompleteMultipartUpload", "POST");
  AddCondition(mode_, request);
  request.body = {Buffer::FromString(S3CompletionXml(etags))};
  TRY_ASSIGN(const net::HttpResponse response, ports_.connection.Send(request, call));
  const std::string what = ports_.connection.Describe(request);
  S3Complaint complaint;
  if (response.ok()) {
    const Result<S3Complaint> parsed = ParseS3Completion(response.body.view());
    if (!parsed.ok()) return WithContext(WithKind(parsed.status(), ErrorKind::kOutcomeUnknown), what);
    if (parsed->code.empty()) return PutOutcome::kCreated;
    complaint = *parsed;
  }
  if (mode_ == PutMode::kIfAbsent && IsPreconditionFailed(response.status, complaint)) return PutOutcome::kExists;
  // An error below status 200 is one of the server that is not told apart any further.
  if (response.ok()) return S3Failure(what, /*is_read=*/false, 500, complaint);
  return ports_.connection.FailureOf(request, response);
}

std::vector<Buffer> S3Upload::TakeWaiting(int64_t size) {
  std::vector<Buffer> taken;
  size_t used = 0;
  waiting_bytes_ -= size;
  for (; size > 0; ++used) {
    Buffer& next = waiting_[used];
    if (next.size() > size) {
      taken.push_back(next.Slice({0, size}));
      next = next.Slice({size, next.size() - size});
      break;
    }
    size -= next.size();
    taken.push_back(std::move(next));
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(used));
  return taken;
}

}  // namespace sleeper::store
