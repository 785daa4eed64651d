#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/net/url.h"

namespace sleeper::net {

struct HttpHeader {
  std::string name;
  std::string value;

  friend bool operator==(const HttpHeader&, const HttpHeader&) = default;
};

/// A name and a value of a query, not encoded.
using QueryParameter = std::pair<std::string, std::string>;

enum class Proxy {
  kFromSystem,  ///< As the environment says.
  kNone,        ///< For addresses of the machine itself, such as the metadata service.
};

/// A request, before encoding.
struct HttpRequest {
  std::string method = "GET";
  Origin origin;
  /// Not encoded; starts with "/".
  std::string path = "/";
  std::vector<QueryParameter> query;
  /// Without Host and Content-Length, which the client sets.
  std::vector<HttpHeader> headers;
  /// Sent one after the other, without being joined.
  std::vector<Buffer> body;
  /// An answer that is longer is an error.
  int64_t answer_bytes_max = int64_t{1} << 20;
  Proxy proxy = Proxy::kFromSystem;

  int64_t body_bytes() const;
  /// "https://host/path%20encoded?name=value".
  std::string ToUrl() const;
};

/// "name=value&other=", encoded, in the order given.
std::string EncodeQuery(const std::vector<QueryParameter>& query);

struct HttpResponse {
  int status = 0;
  /// Names in lower case.
  std::vector<HttpHeader> headers;
  Buffer body;

  /// The value of the first header of that name (in lower case), or an empty text.
  std::string_view Header(std::string_view name) const;
  bool ok() const { return status >= 200 && status < 300; }
};

/// Sends requests and waits for the whole answer. Thread-safe.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  /// Any answer of the server, whatever its status, is a response. Failures:
  ///   kUnavailable     no answer, and the server cannot have acted; for GET and HEAD also when the answer was lost.
  ///   kOutcomeUnknown  other methods: the request went out, at least in part, and no whole answer came back.
  ///   kCancelled       cancelled or past the deadline, and the server cannot have changed anything.
  ///   kDenied          the server's certificate is not trusted.
  ///   kExhausted       the answer of a GET or HEAD is longer than the request allows.
  /// Messages name the origin, never the query or headers.
  virtual Result<HttpResponse> Send(const HttpRequest& request, const CallContext& call) = 0;
};

}  // namespace sleeper::net
