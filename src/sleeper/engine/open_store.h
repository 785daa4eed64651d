#pragma once

#include <memory>
#include <optional>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/location.h"
#include "sleeper/engine/machine.h"
#include "sleeper/net/aws_credentials.h"
#include "sleeper/net/http.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/retry_schedule.h"
#include "sleeper/store/store_meter.h"

namespace sleeper::engine {

/// The store of a location with what it stands on, and what a request costs there.
struct OpenedStore {
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<net::CredentialsSource> credentials;
  std::unique_ptr<store::ObjectStore> store;
  store::RequestPrices prices;
  /// Set if its calls may fail for a while, and are then to be made again.
  std::optional<store::RetryPolicy> retries;
};

/// Chooses the adapter for a location: the only place that knows them all. The ports must outlive the store.
Result<OpenedStore> OpenStore(const Location& location, const MachineOptions& options, Executor& executor,
                              Random& random);

}  // namespace sleeper::engine
