#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sleeper/store/object_store.h"
#include "sleeper/store/s3_connection.h"
#include "sleeper/store/s3_parts.h"

namespace sleeper::store {

/// Puts the bytes as one object in one request. 412 is kExists.
Result<PutOutcome> PutS3Object(S3Connection& connection, const std::string& key, std::vector<Buffer> body, PutMode mode,
                               const CallContext& call);

/// An object of S3 that is being streamed: in one request at the end if it is smaller than a part, else as a multipart
/// upload, each part of which goes out as soon as its bytes are there, while the next one is produced. Confined.
///
/// It makes its own requests again as far as they had no effect, because only it knows what has gone out already.
class S3Upload final : public ObjectWriter {
 public:
  S3Upload(const S3UploadPorts& ports, std::string key, PutMode mode)
      : ports_(ports), key_(std::move(key)), mode_(mode) {}
  ~S3Upload() override;

  Status Append(Buffer bytes, const CallContext& call) override;
  Result<PutOutcome> Finish(const CallContext& call) override;

 private:
  /// How large the next part is to be. Later ones are larger, as an upload has at most 10,000 of them.
  int64_t NextPartBytes() const;
  Status Begin(const CallContext& call);
  Status SendPart(int64_t size, const CallContext& call);
  Result<PutOutcome> Complete(const std::vector<std::string>& etags, const CallContext& call);
  /// The first `size` bytes that wait. REQUIRES: there are as many.
  std::vector<Buffer> TakeWaiting(int64_t size);

  const S3UploadPorts ports_;
  const std::string key_;
  const PutMode mode_;
  std::vector<Buffer> waiting_;
  int64_t waiting_bytes_ = 0;
  /// Null before the first part.
  std::unique_ptr<S3Parts> parts_;
  bool is_over_ = false;
  /// The first failure; an upload that misses a part must not be completed.
  Status failure_;
};

}  // namespace sleeper::store
