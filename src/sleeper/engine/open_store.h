#pragma once

#include <memory>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/location.h"
#include "sleeper/engine/machine.h"
#include "sleeper/net/aws_credentials.h"
#include "sleeper/net/http.h"
#include "sleeper/store/object_store.h"
#include "sleeper/store/rate_governor.h"
#include "sleeper/store/store_meter.h"

namespace sleeper::engine {

/// What a store is opened for.
enum class StorePurpose {
  kInstance,  ///< The objects of an instance.
  kInput,     ///< Objects of others, which are read.
  kProbe,     ///< A probe, which wants small objects to be streamed the way that large ones are.
};

/// The store of a location with what it stands on and what is put around it. Thread-safe.
class OpenedStore {
 public:
  OpenedStore() = default;
  ~OpenedStore();
  OpenedStore(OpenedStore&&) = default;
  OpenedStore& operator=(OpenedStore&&) = default;

  store::ObjectStore& objects() const { return *layers_.back(); }

 private:
  friend class StoreOpener;

  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<net::CredentialsSource> credentials_;
  std::unique_ptr<store::RateGovernor> governor_;
  /// The adapter and its decorators, each of which uses the one before it.
  std::vector<std::unique_ptr<store::ObjectStore>> layers_;
};

/// What a request costs at a location.
store::RequestPrices PricesOf(const Location& location);

/// What an opened store uses. All must outlive it.
struct StorePorts {
  Executor& executor;
  Random& random;
  /// Counts every request that goes out.
  store::StoreMeter& meter;
};

/// Chooses the adapter for a location and what is put around it: the only place that knows them all.
Result<OpenedStore> OpenStore(const Location& location, const MachineOptions& options, StorePurpose purpose,
                              const StorePorts& ports);

}  // namespace sleeper::engine
