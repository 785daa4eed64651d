#include "sleeper/engine/open_store.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "sleeper/check/check_table.h"
#include "sleeper/net/aws_profile.h"
#include "sleeper/net/credentials_sources.h"
#include "sleeper/net/curl_client.h"
#include "sleeper/store/caching_store.h"
#include "sleeper/store/coalescing_store.h"
#include "sleeper/store/folder_store.h"
#include "sleeper/store/hedging_store.h"
#include "sleeper/store/metered_store.h"
#include "sleeper/store/retrying_store.h"
#include "sleeper/store/s3_store.h"

namespace sleeper::engine {
namespace {

/// One connection to S3 within a region.
constexpr Duration kFirstByte = std::chrono::milliseconds(20);
constexpr int64_t kBytesPerSecond = 50'000'000;

/// Data files have names of their own, for ever: docs/formats/layout.md. Slots of logs have not.
bool IsDataFile(const store::ObjectPath& path) {
  const std::string_view text = path.value();
  return text.starts_with("tables/") && text.find("/data/") != std::string_view::npos;
}

/// More attempts than this are no bound.
constexpr int kAttemptsMax = 1000;

/// As many attempts as were asked for, be it that the store has answered once or not.
Result<store::RetryPolicy> RetriesOf(const std::optional<std::string>& attempts_max) {
  store::RetryPolicy policy;
  if (!attempts_max) return policy;
  int attempts = 0;
  const char* const end = attempts_max->data() + attempts_max->size();
  const auto [at, error] = std::from_chars(attempts_max->data(), end, attempts);
  if (error != std::errc() || at != end || attempts < 1 || attempts > kAttemptsMax) {
    return WithHint(
        Error(ErrorKind::kInvalid, "no number of attempts from 1 to ", kAttemptsMax, ": '", *attempts_max, "'"),
        "AWS_MAX_ATTEMPTS, or max_attempts of the profile, says how often a request is made");
  }
  policy.attempts_max = policy.attempts_before_answer_max = attempts;
  return policy;
}

}  // namespace

OpenedStore::~OpenedStore() {
  while (!layers_.empty()) layers_.pop_back();
}

/// Puts a store together, from the adapter upwards. Confined.
class StoreOpener {
 public:
  StoreOpener(const Location& location, const MachineOptions& options, const StorePorts& ports)
      : location_(location), options_(options), ports_(ports) {}

  Status AddFolder() {
    store::FolderStoreOptions folder{.root = location_.folder};
    if (options_.allow_network_file_system) folder.network_file_systems = store::NetworkFileSystems::kAllow;
    TRY_ASSIGN(auto adapter, store::FolderStore::Open(folder, ports_.executor.clock(), ports_.random));
    opened_.layers_.push_back(std::move(adapter));
    Add<store::MeteredStore>(ports_.meter);
    return Status::OK();
  }

  /// What the environment says comes before what the profile says.
  Status AddS3(StorePurpose purpose) {
    const net::AwsEnvironment& environment = options_.aws;
    TRY_ASSIGN(const net::AwsProfile profile, net::AwsProfile::Read(environment));
    const auto either = [&](const std::optional<std::string>& value, std::string_view key) {
      return value ? value : profile.Setting(key);
    };
    store::S3StoreOptions s3{.bucket = {}, .prefix = location_.prefix};
    if (purpose == StorePurpose::kProbe) s3.upload.small_streams = store::SmallStreams::kUpload;
    opened_.governor_ = std::make_unique<store::RateGovernor>(ports_.executor);
    s3.governor = opened_.governor_.get();
    if (!s3.prefix.empty()) TRY(store::CheckObjectPath(store::ObjectPath(s3.prefix)));
    TRY_ASSIGN(s3.bucket, store::FindS3Bucket({.name = location_.bucket,
                                               .region = either(environment.region, "region"),
                                               .endpoint = either(environment.s3_endpoint, "endpoint_url"),
                                               .addressing = profile.Setting("s3.addressing_style")}));
    TRY_ASSIGN(const store::RetryPolicy retries, RetriesOf(either(environment.attempts_max, "max_attempts")));
    s3.upload.retries = retries;
    const net::CurlClientOptions http{.certificate_bundle =
                                          either(environment.certificate_bundle, "ca_bundle").value_or("")};
    opened_.http_ = std::make_unique<net::CurlClient>(http, ports_.executor);
    opened_.credentials_ =
        net::DefaultCredentials(environment, profile, s3.bucket.region, *opened_.http_, ports_.executor.clock());
    opened_.layers_.push_back(
        std::make_unique<store::S3Store>(s3, *opened_.http_, *opened_.credentials_, ports_.executor, ports_.random));
    // Below what repeats and what asks twice, so that every request is counted.
    Add<store::MeteredStore>(ports_.meter);
    Add<store::HedgingStore>(store::HedgePolicy(), ports_.executor);
    Add<store::RetryingStore>(retries,
                              store::RetryingStore::Ports{ports_.executor, ports_.random, opened_.governor_.get()});
    Add<store::CoalescingStore>(store::JoinLimits::For(kFirstByte, kBytesPerSecond));
    // A probe and a check want to see the store, not what is remembered of it.
    if (purpose == StorePurpose::kInstance) {
      Add<store::CachingStore>(
          store::CachePolicy{.is_immutable = IsDataFile, .mistrustful_caller = std::string(check::kCheckCaller)});
    }
    return Status::OK();
  }

  OpenedStore Take() { return std::move(opened_); }

 private:
  template <typename Layer, typename... Arguments>
  void Add(Arguments&&... arguments) {
    store::ObjectStore& inner = *opened_.layers_.back();
    opened_.layers_.push_back(std::make_unique<Layer>(inner, std::forward<Arguments>(arguments)...));
  }

  const Location& location_;
  const MachineOptions& options_;
  const StorePorts ports_;
  OpenedStore opened_;
};

store::RequestPrices PricesOf(const Location& location) {
  return location.kind == Location::Kind::kS3 ? store::S3StandardPrices() : store::FreeRequests();
}

Result<OpenedStore> OpenStore(const Location& location, const MachineOptions& options, StorePurpose purpose,
                              const StorePorts& ports) {
  StoreOpener opener(location, options, ports);
  switch (location.kind) {
    case Location::Kind::kFolder:
      TRY(opener.AddFolder());
      break;
    case Location::Kind::kS3:
      TRY(opener.AddS3(purpose));
      break;
  }
  return opener.Take();
}

}  // namespace sleeper::engine
