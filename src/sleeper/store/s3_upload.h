#pragma once

#include <string>
#include <vector>

#include "sleeper/store/object_store.h"
#include "sleeper/store/retry_schedule.h"
#include "sleeper/store/s3_connection.h"

namespace sleeper::store {

/// What an upload needs from its store. All must outlive it.
struct S3UploadPorts {
  S3Connection& connection;
  const RetryPolicy& retries;
  Executor& executor;
  Random& random;
};

/// Puts the bytes as one object in one request. 412 is kExists.
Result<PutOutcome> PutS3Object(S3Connection& connection, const std::string& key, std::vector<Buffer> body, PutMode mode,
                               const CallContext& call);

/// An object of S3 that is being streamed: in one request at the end if it is smaller than a part, else as a multipart
/// upload, each part of which goes out as soon as its bytes are there. Confined.
///
/// It makes its own requests again as far as they had no effect, because only it knows what has gone out already.
class S3Upload final : public ObjectWriter {
 public:
  S3Upload(const S3UploadPorts& ports, std::string key, PutMode mode, int64_t part_bytes)
      : ports_(ports), key_(std::move(key)), mode_(mode), part_bytes_(part_bytes) {}
  ~S3Upload() override;

  Status Append(Buffer bytes, const CallContext& call) override;
  Result<PutOutcome> Finish(const CallContext& call) override;

 private:
  /// How large the next part is to be. Later ones are larger, as an upload has at most 10,000 of them.
  int64_t NextPartBytes() const;
  Status Begin(const CallContext& call);
  Status SendPart(std::vector<Buffer> body, const CallContext& call);
  Result<PutOutcome> Complete(const CallContext& call);
  /// The first `size` bytes that wait. REQUIRES: there are as many.
  std::vector<Buffer> TakeWaiting(int64_t size);
  S3Request UploadRequest(std::string_view operation, std::string_view method) const;
  RetrySchedule NewSchedule() const { return {ports_.retries, ports_.executor, ports_.random}; }

  const S3UploadPorts ports_;
  const std::string key_;
  const PutMode mode_;
  const int64_t part_bytes_;
  std::vector<Buffer> waiting_;
  int64_t waiting_bytes_ = 0;
  /// Empty before the first part.
  std::string upload_id_;
  std::vector<std::string> etags_;
  /// The first failure; an upload that misses a part must not be completed.
  Status failure_;
};

}  // namespace sleeper::store
