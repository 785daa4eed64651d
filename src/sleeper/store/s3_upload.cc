#include "sleeper/store/s3_upload.h"

#include <algorithm>

#include "sleeper/store/s3_answer.h"
#include "sleeper/store/s3_xml.h"

namespace sleeper::store {
namespace {

constexpr size_t kPartsMax = 10'000;
/// So many parts have each of the sizes.
constexpr size_t kPartsOfFirstSize = 1'000;
constexpr size_t kPartsOfSecondSize = 4'000;
constexpr int64_t kGrowth = 4;
/// Dropping an upload must not hold up its owner for longer.
constexpr Duration kAbortTimeMax = std::chrono::seconds(10);

void AddCondition(PutMode mode, S3Request& request) {
  if (mode == PutMode::kIfAbsent) request.headers.push_back({"If-None-Match", "*"});
}

/// Nothing of an upload can be seen before it is complete: a lost answer is as good as none.
Status WithoutEffect(const Status& failure) {
  return IsKind(failure, ErrorKind::kOutcomeUnknown) ? WithKind(failure, ErrorKind::kUnavailable) : failure;
}

}  // namespace

Result<PutOutcome> PutS3Object(S3Connection& connection, const std::string& key, std::vector<Buffer> body, PutMode mode,
                               const CallContext& call) {
  S3Request request{.operation = "PutObject", .method = "PUT", .key = key, .body = std::move(body)};
  AddCondition(mode, request);
  TRY_ASSIGN(const net::HttpResponse response, connection.Send(request, call));
  if (response.ok()) return PutOutcome::kCreated;
  if (mode == PutMode::kIfAbsent && IsPreconditionFailed(response.status, {})) return PutOutcome::kExists;
  return S3Failure(connection.Describe(request), /*is_read=*/false, response);
}

S3Upload::~S3Upload() {
  if (upload_id_.empty()) return;
  CallContext call;
  call.deadline = ports_.connection.clock().MonotonicNow() + kAbortTimeMax;
  // What stays behind if it fails is removed by DropAbandonedWrites.
  static_cast<void>(ports_.connection.Send(UploadRequest("AbortMultipartUpload", "DELETE"), call));
}

int64_t S3Upload::NextPartBytes() const {
  if (etags_.size() < kPartsOfFirstSize) return part_bytes_;
  return etags_.size() < kPartsOfSecondSize ? part_bytes_ * kGrowth : part_bytes_ * kGrowth * kGrowth;
}

Status S3Upload::Append(Buffer bytes, const CallContext& call) {
  TRY(call.Check(ports_.connection.clock()));
  TRY(failure_);
  if (bytes.empty()) return Status::OK();
  waiting_bytes_ += bytes.size();
  waiting_.push_back(std::move(bytes));
  // The last part goes out with Finish, so that an object of one part is a single request.
  while (waiting_bytes_ > NextPartBytes()) {
    failure_ = SendPart(TakeWaiting(NextPartBytes()), call);
    TRY(failure_);
  }
  return Status::OK();
}

Result<PutOutcome> S3Upload::Finish(const CallContext& call) {
  TRY(call.Check(ports_.connection.clock()));
  TRY(failure_);
  if (upload_id_.empty()) {
    const std::vector<Buffer> body = TakeWaiting(waiting_bytes_);
    return Repeat(NewSchedule(), Repeatable::kWithoutEffect, call,
                  [&] { return PutS3Object(ports_.connection, key_, body, mode_, call); });
  }
  if (waiting_bytes_ > 0) TRY(SendPart(TakeWaiting(waiting_bytes_), call));
  auto outcome = Repeat(NewSchedule(), Repeatable::kWithoutEffect, call, [&] { return Complete(call); });
  // Created, or perhaps: there is nothing to drop.
  if (outcome.ok() ? *outcome == PutOutcome::kCreated : IsKind(outcome.status(), ErrorKind::kOutcomeUnknown))
    upload_id_.clear();
  return outcome;
}

Status S3Upload::Begin(const CallContext& call) {
  const S3Request request{
      .operation = "CreateMultipartUpload", .method = "POST", .key = key_, .query = {{"uploads", ""}}};
  const auto ask = [&]() -> Result<std::string> {
    const auto response = ports_.connection.Ask(request, call);
    if (!response.ok()) return WithoutEffect(response.status());
    return ParseS3UploadId(response->body.view());
  };
  TRY_ASSIGN(upload_id_, Repeat(NewSchedule(), Repeatable::kAlways, call, ask));
  return Status::OK();
}

Status S3Upload::SendPart(std::vector<Buffer> body, const CallContext& call) {
  if (upload_id_.empty()) TRY(Begin(call));
  if (etags_.size() >= kPartsMax)
    return Error(ErrorKind::kInvalid, "object '", key_, "' is larger than an object of S3 can be");
  S3Request request = UploadRequest("UploadPart", "PUT");
  request.query.emplace_back("partNumber", std::to_string(etags_.size() + 1));
  request.body = std::move(body);
  const auto ask = [&]() -> Result<std::string> {
    const auto response = ports_.connection.Ask(request, call);
    if (!response.ok()) return WithoutEffect(response.status());
    std::string etag(response->Header("etag"));
    if (etag.empty()) return Error(ErrorKind::kUnavailable, ports_.connection.Describe(request), ": no ETag came back");
    return etag;
  };
  TRY_ASSIGN(std::string etag, Repeat(NewSchedule(), Repeatable::kAlways, call, ask));
  etags_.push_back(std::move(etag));
  return Status::OK();
}

Result<PutOutcome> S3Upload::Complete(const CallContext& call) {
  S3Request request = UploadRequest("CompleteMultipartUpload", "POST");
  AddCondition(mode_, request);
  request.body = {Buffer::FromString(S3CompletionXml(etags_))};
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
  return S3Failure(what, /*is_read=*/false, response);
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

S3Request S3Upload::UploadRequest(std::string_view operation, std::string_view method) const {
  return {.operation = operation, .method = method, .key = key_, .query = {{"uploadId", upload_id_}}};
}

}  // namespace sleeper::store
