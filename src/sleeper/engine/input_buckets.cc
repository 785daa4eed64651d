#include "sleeper/engine/input_buckets.h"

#include <utility>

#include "sleeper/engine/location.h"
#include "sleeper/exchange/find_objects.h"
#include "sleeper/store/path_rules.h"

namespace sleeper::engine {
namespace {

constexpr std::string_view kScheme = "s3://";

/// A URL cut at the end of the bucket's name.
struct ObjectUrl {
  std::string bucket;
  /// Behind the slash, as it is written.
  std::string key;
};

Result<ObjectUrl> ParseObjectUrl(const std::string& url) {
  if (!url.starts_with(kScheme)) {
    return WithHint(Error(ErrorKind::kInvalid, "an input of no known scheme: ", url.substr(0, url.find("://"))),
                    "inputs are files, folders, globs, s3://BUCKET/KEY or -");
  }
  const size_t begin = kScheme.size();
  const size_t slash = url.find('/', begin);
  ObjectUrl parsed{url.substr(begin, slash - begin), slash == std::string::npos ? "" : url.substr(slash + 1)};
  if (parsed.bucket.empty()) return Error(ErrorKind::kInvalid, "an input that names no bucket: ", url);
  std::string_view key = parsed.key;
  if (key.ends_with('/')) key.remove_suffix(1);
  if (!key.empty()) {
    const Status valid = store::CheckObjectPath(store::ObjectPath(std::string(key)));
    if (!valid.ok()) return WithContext(valid, url);
  }
  return parsed;
}

}  // namespace

InputBuckets::InputBuckets(const MachineOptions& options, Executor& executor, Random& random)
    : options_(options), executor_(executor), random_(random) {}

Result<std::vector<std::string>> InputBuckets::Find(const std::string& url, std::optional<exchange::InputFormat> format,
                                                    const CallContext& call) {
  TRY_ASSIGN(const ObjectUrl parsed, ParseObjectUrl(url));
  TRY_ASSIGN(store::ObjectStore * bucket, BucketNamed(parsed.bucket));
  TRY_ASSIGN(std::vector<std::string> found, exchange::FindObjects(*bucket, parsed.key, format, call));
  for (std::string& key : found) key.insert(0, std::string(kScheme) + parsed.bucket + "/");
  return found;
}

Result<std::unique_ptr<exchange::InputSource>> InputBuckets::Open(const std::string& url, const CallContext& call) {
  TRY_ASSIGN(const ObjectUrl parsed, ParseObjectUrl(url));
  TRY_ASSIGN(store::ObjectStore * bucket, BucketNamed(parsed.bucket));
  return exchange::OpenObjectSource(*bucket, store::ObjectPath(parsed.key), url, call);
}

Result<store::ObjectStore*> InputBuckets::BucketNamed(const std::string& name) {
  {
    const MutexLock lock(mutex_);
    const auto found = buckets_.find(name);
    if (found != buckets_.end()) return &found->second.objects();
  }
  const Location location{.kind = Location::Kind::kS3, .folder = {}, .bucket = name, .prefix = {}};
  TRY_ASSIGN(OpenedStore opened, OpenStore(location, options_, StorePurpose::kInput, {executor_, random_, meter_}));
  const MutexLock lock(mutex_);
  return &buckets_.try_emplace(name, std::move(opened)).first->second.objects();
}

}  // namespace sleeper::engine
