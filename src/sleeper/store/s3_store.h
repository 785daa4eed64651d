#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/net/aws_credentials.h"
#include "sleeper/net/http.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/path_rules.h"
#include "sleeper/store/s3_connection.h"
#include "sleeper/store/s3_parts.h"
#include "sleeper/store/s3_xml.h"

namespace sleeper::store {

struct S3StoreOptions {
  S3Bucket bucket;
  /// What all keys start with, without "/" at either end; may be empty.
  std::string prefix;
  S3UploadOptions upload;
  /// The largest object that Get reads; larger ones are read by ranges.
  int64_t object_bytes_max = kWholeObjectBytesMax;
  /// Ranges of one call that are read at the same time.
  int ranges_parallel_max = 16;
  int list_page_max = kListPageMax;
  /// Gives the requests of uploads their turns; may be null, and must outlive the store.
  RateGovernor* governor = nullptr;
};

/// Objects in a bucket of S3, or of a store that speaks its protocol. Thread-safe.
///
/// Create-if-absent is If-None-Match: *, of single puts and of multipart uploads. Objects of the bucket whose keys no
/// ObjectPath can have are not listed. Times are told to the second, as S3 does not tell more everywhere.
class S3Store final : public ObjectStore {
 public:
  /// All must outlive the store.
  S3Store(const S3StoreOptions& options, net::HttpClient& http, net::CredentialsSource& credentials, Executor& executor,
          Random& random);

  Result<Object> Get(const ObjectPath& path, const CallContext& call) override;
  Result<Buffer> GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) override;
  Result<std::vector<Buffer>> GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                        const CallContext& call) override;
  Result<PutOutcome> Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) override;
  Result<std::unique_ptr<ObjectWriter>> OpenWriter(const ObjectPath& path, PutMode mode,
                                                   const CallContext& call) override;
  Result<ObjectInfo> Head(const ObjectPath& path, const CallContext& call) override;
  Result<ListPage> List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                        const CallContext& call) override;
  Status Delete(std::span<const ObjectPath> paths, const CallContext& call) override;
  Status DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) override;

 private:
  std::string KeyOf(const ObjectPath& path) const { return key_prefix_ + path.value(); }
  /// What `request` lists: no page without a key, but for the last one.
  Result<S3Listing> AskForPage(const S3Request& request, const CallContext& call);
  Status DeleteOne(const std::string& key, const CallContext& call);
  Status DeleteMany(std::span<const std::string> keys, const CallContext& call);

  const S3StoreOptions options_;
  /// Empty, or ends with "/".
  const std::string key_prefix_;
  S3Connection connection_;
  Executor& executor_;
  Random& random_;
};

}  // namespace sleeper::store
