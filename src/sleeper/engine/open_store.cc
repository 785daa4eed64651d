#include "sleeper/engine/open_store.h"

#include <utility>

#include "sleeper/net/aws_profile.h"
#include "sleeper/net/credentials_sources.h"
#include "sleeper/net/curl_client.h"
#include "sleeper/store/folder_store.h"
#include "sleeper/store/s3_store.h"

namespace sleeper::engine {
namespace {

Result<OpenedStore> OpenFolder(const Location& location, const MachineOptions& options, Executor& executor,
                               Random& random) {
  store::FolderStoreOptions folder{.root = location.folder};
  if (options.allow_network_file_system) folder.network_file_systems = store::NetworkFileSystems::kAllow;
  OpenedStore opened;
  TRY_ASSIGN(opened.store, store::FolderStore::Open(folder, executor.clock(), random));
  opened.prices = store::FreeRequests();
  return opened;
}

/// What the environment says comes before what the profile says.
Result<OpenedStore> OpenS3(const Location& location, const MachineOptions& options, Executor& executor,
                           Random& random) {
  const net::AwsEnvironment& environment = options.aws;
  TRY_ASSIGN(const net::AwsProfile profile, net::AwsProfile::Read(environment));
  const auto either = [&](const std::optional<std::string>& value, std::string_view key) {
    return value ? value : profile.Setting(key);
  };
  store::S3StoreOptions s3{.bucket = {}, .prefix = location.prefix};
  if (!s3.prefix.empty()) TRY(store::CheckObjectPath(store::ObjectPath(s3.prefix)));
  TRY_ASSIGN(s3.bucket, store::FindS3Bucket({.name = location.bucket,
                                             .region = either(environment.region, "region"),
                                             .endpoint = either(environment.s3_endpoint, "endpoint_url"),
                                             .addressing = profile.Setting("s3.addressing_style")}));
  OpenedStore opened;
  opened.http = std::make_unique<net::CurlClient>(
      net::CurlClientOptions{.certificate_bundle = either(environment.certificate_bundle, "ca_bundle").value_or("")},
      executor);
  opened.credentials = net::DefaultCredentials(environment, profile, s3.bucket.region, *opened.http, executor.clock());
  opened.store = std::make_unique<store::S3Store>(s3, *opened.http, *opened.credentials, executor, random);
  opened.prices = store::S3StandardPrices();
  opened.retries = store::RetryPolicy();
  return opened;
}

}  // namespace

Result<OpenedStore> OpenStore(const Location& location, const MachineOptions& options, Executor& executor,
                              Random& random) {
  switch (location.kind) {
    case Location::Kind::kFolder:
      return OpenFolder(location, options, executor, random);
    case Location::Kind::kS3:
      return OpenS3(location, options, executor, random);
  }
  return Error(ErrorKind::kInternal, "a location of no known kind: ", location.ToString());
}

}  // namespace sleeper::engine
