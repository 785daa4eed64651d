#pragma once

#include <string>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/base/task_group.h"
#include "sleeper/net/url.h"

namespace sleeper::net {

enum class AfterAnswer {
  kKeep,   ///< The connection stays open.
  kClose,  ///< It is closed in good order.
  kReset,  ///< It is cut off.
};

/// What the server does with one request.
struct ScriptedAnswer {
  /// The bytes to answer with, as they go over the wire.
  std::string bytes;
  AfterAnswer after = AfterAnswer::kKeep;
};

/// "HTTP/1.1 STATUS", headers, Content-Length and body, as bytes.
std::string HttpAnswer(int status, const std::string& body, const std::string& headers = "");

/// An HTTP server on a free port of this machine that answers request n with answer n of a script, whatever was asked,
/// and closes the connection once the script is at its end. Thread-safe.
class ScriptedServer {
 public:
  /// `executor` must outlive the server.
  ScriptedServer(Executor& executor, std::vector<ScriptedAnswer> script);
  ~ScriptedServer();

  Origin origin() const { return {.scheme = "http", .host = "127.0.0.1", .port = port_}; }

  /// The requests that came in whole, with head and body, as they came.
  std::vector<std::string> requests() const;
  int connections() const;

 private:
  Status Serve();
  /// Answers until the connection ends.
  void ServeConnection(int connection);

  Executor& executor_;
  int listener_ = -1;
  /// Written to when the server is to stop.
  int stop_[2] = {-1, -1};
  int port_ = 0;

  mutable Mutex mutex_;
  std::vector<ScriptedAnswer> script_ SLEEPER_GUARDED_BY(mutex_);
  std::vector<std::string> requests_ SLEEPER_GUARDED_BY(mutex_);
  int connections_ SLEEPER_GUARDED_BY(mutex_) = 0;
  TaskGroup group_;
};

}  // namespace sleeper::net
