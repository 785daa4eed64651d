#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/event.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/mutex.h"
#include "sleeper/net/http.h"

namespace sleeper::net {

struct CurlClientOptions {
  /// Requests at the same time; further ones wait.
  int connections_max = 64;
  Duration connect_time_max = std::chrono::seconds(10);
  /// A transfer that moves no byte for so long has failed, also while the answer is awaited.
  Duration stalled_time_max = std::chrono::seconds(60);
  /// A file of certificates to trust instead of the system's.
  std::string certificate_bundle;
};

/// Requests through libcurl: HTTP/1.1, connections kept and used again, TLS, no redirects, no threads of its own. A
/// cancelled request ends within some 20 milliseconds. Thread-safe.
///
/// No PUT, and no other request with a body, is sent a second time on the client's own account, whatever happens to its
/// connection. (A GET may be, and a POST or DELETE without a body, if a kept connection turns out to be closed.)
class CurlClient final : public HttpClient {
 public:
  /// `executor` must outlive the client.
  CurlClient(const CurlClientOptions& options, Executor& executor);
  ~CurlClient() override;

  Result<HttpResponse> Send(const HttpRequest& request, const CallContext& call) override;

 private:
  class Connection;
  class Transfer;

  Result<std::unique_ptr<Connection>> Acquire(const CallContext& call);
  void Release(std::unique_ptr<Connection> connection);

  const CurlClientOptions options_;
  const Clock& clock_;
  Semaphore free_connections_;
  Mutex mutex_;
  /// The one used last is used next, so that few stay open.
  std::vector<std::unique_ptr<Connection>> idle_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::net
