#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "sleeper/net/credentials_sources.h"
#include "sleeper/net/curl_client.h"
#include "sleeper/store/coalescing_store.h"
#include "sleeper/store/hedging_store.h"
#include "sleeper/store/metered_store.h"
#include "sleeper/store/retrying_store.h"
#include "sleeper/store/s3_store.h"

namespace sleeper::store {

/// Of the environment; "" if there is none.
inline std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// All that a store of S3 needs, alive as long as the store. The bucket and the keys come from the environment.
struct Machine {
  Machine(const std::string& endpoint, const std::string& prefix,
          SmallStreams small_streams = SmallStreams::kOneRequest)
      : client({}, executor), credentials(net::CredentialsFromEnvironment(Environment())) {
    options.bucket = FindS3Bucket({.name = Variable("SLEEPER_TEST_S3_BUCKET"), .endpoint = endpoint}).ValueOrDie();
    options.prefix = prefix;
    options.upload.part_bytes = int64_t{5} << 20;
    options.upload.small_streams = small_streams;
    options.governor = &governor;
    store.emplace(options, client, *credentials, executor, random);
    metered.emplace(*store, meter);
    hedging.emplace(*metered, HedgePolicy(), executor);
    retrying.emplace(*hedging, RetryPolicy(), RetryingStore::Ports{executor, random, &governor});
    decorated.emplace(*retrying, JoinLimits::For(std::chrono::milliseconds(20), 50'000'000));
  }

  static net::AwsEnvironment Environment() {
    return net::AwsEnvironment::From([](const char* name) -> std::optional<std::string> { return Variable(name); });
  }

  SystemClock clock;
  SystemRandom random;
  ThreadExecutor executor{2, clock};
  net::CurlClient client;
  std::unique_ptr<net::CredentialsSource> credentials;
  S3StoreOptions options;
  RateGovernor governor{executor};
  StoreMeter meter;
  std::optional<S3Store> store;
  std::optional<MeteredStore> metered;
  std::optional<HedgingStore> hedging;
  std::optional<RetryingStore> retrying;
  /// With all that an instance puts around it.
  std::optional<CoalescingStore> decorated;
};

}  // namespace sleeper::store
