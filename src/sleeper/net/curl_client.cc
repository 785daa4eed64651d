#include "sleeper/net/curl_client.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include <curl/curl.h>

namespace sleeper::net {
namespace {

/// How often a wait for a connection looks whether it is still wanted.
constexpr Duration kAcquireSlice = std::chrono::milliseconds(100);
/// The same for an answer: whoever asked twice waits for the end of the slower one.
constexpr int kAnswerSliceMilliseconds = 20;
constexpr long kSendBufferBytes = 256 << 10;
constexpr long kReceiveBufferBytes = 256 << 10;
constexpr int64_t kReserveMax = int64_t{64} << 20;
constexpr int kHeadersMax = 200;

/// Prepares libcurl once in a process.
Status PrepareLibrary() {
  static const CURLcode prepared = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (prepared == CURLE_OK) return Status::OK();
  return Error(ErrorKind::kInternal, "libcurl cannot be used: ", curl_easy_strerror(prepared));
}

bool IsSafe(std::string_view method) { return method == "GET" || method == "HEAD"; }

long Milliseconds(Duration duration) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

bool IsAboutCertificates(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR ||
         code == CURLE_SSL_INVALIDCERTSTATUS || code == CURLE_SSL_CRL_BADFILE;
}

/// Why a transfer failed.
struct Reason {
  std::string text;
  bool is_about_proxy = false;
};

/// The library quotes the proxy's address in its messages as it stands in the environment, with the user and the
/// password, and takes a password with a "/" or "#" in it for a host. So nothing of a proxy is told, nor anything like
/// a URL.
Reason ReasonOf(CURLcode code, std::string_view said, const Origin& asked) {
  constexpr std::string_view kNotReached = "Failed to connect to ";
  std::string_view host = asked.host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const bool is_proxy_missed =
      said.starts_with(kNotReached) && !said.substr(kNotReached.size()).starts_with(std::string(host) + " port ");
  if (is_proxy_missed) return {"could not connect to the proxy", true};
  if (code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_PROXY || said.starts_with("Unsupported proxy"))
    return {"the proxy cannot be used: " + std::string(curl_easy_strerror(code)), true};
  const bool may_be_url = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
                          said.find('@') != std::string_view::npos || said.find("://") != std::string_view::npos;
  if (said.empty() || may_be_url) return {curl_easy_strerror(code), false};
  return {std::string(said), said.starts_with("CONNECT ") || said.starts_with("Proxy ")};
}

std::string_view Trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

void AddHeader(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  SLEEPER_CHECK(longer != nullptr, "no memory for a header");
  list.release();
  list.reset(longer);
}

}  // namespace

/// One handle of the library, with the connections that it keeps.
class CurlClient::Connection {
 public:
  Connection() : handle_(curl_easy_init()), transfers_(curl_multi_init()) {
    SLEEPER_CHECK(handle_ != nullptr && transfers_ != nullptr, "no memory for a connection");
  }
  ~Connection() {
    curl_multi_cleanup(transfers_);
    curl_easy_cleanup(handle_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  CURL* handle() { return handle_; }

  /// Does what the handle is set up for, as long as it is wanted.
  CURLcode Perform(const CallContext& call, const Clock& clock) {
    if (curl_multi_add_handle(transfers_, handle_) != CURLM_OK) return CURLE_FAILED_INIT;
    CURLcode outcome = CURLE_ABORTED_BY_CALLBACK;
    int running = 1;
    while (curl_multi_perform(transfers_, &running) == CURLM_OK && running > 0 && call.Check(clock).ok()) {
      if (curl_multi_poll(transfers_, nullptr, 0, kAnswerSliceMilliseconds, nullptr) != CURLM_OK) break;
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(transfers_, &left)) {
      if (message->msg == CURLMSG_DONE) outcome = message->data.result;
    }
    curl_multi_remove_handle(transfers_, handle_);
    return outcome;
  }

 private:
  CURL* const handle_;
  /// Runs the handle, and owns its connections.
  CURLM* const transfers_;
};

/// One request on its way. The library calls back into it while Run() runs.
class CurlClient::Transfer {
 public:
  Transfer(const HttpRequest& request, const CallContext& call, const CurlClientOptions& options, const Clock& clock)
      : request_(request), call_(call), options_(options), clock_(clock) {}

  Result<HttpResponse> Run(Connection& connection) {
    CURL* handle = connection.handle();
    // Keeps the connections, forgets everything else.
    curl_easy_reset(handle);
    Configure(handle);
    const CURLcode code = connection.Perform(call_, clock_);
    long request_bytes = 0;
    curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &request_bytes);
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    // What points at this transfer must not outlive it.
    curl_easy_reset(handle);
    // A head that was cut off passes for a whole one.
    if (code != CURLE_OK || !is_head_whole_) return Failure(code, request_bytes > 0);
    response_.status = static_cast<int>(status);
    response_.body = Buffer::FromString(std::move(body_));
    return std::move(response_);
  }

 private:
  void Configure(CURL* handle) {
    url_ = request_.ToUrl();
    curl_easy_setopt(handle, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
    curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, kSendBufferBytes);
    if (request_.proxy == Proxy::kNone) curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    if (!options_.certificate_bundle.empty())
      curl_easy_setopt(handle, CURLOPT_CAINFO, options_.certificate_bundle.c_str());
    ConfigureTimes(handle);
    ConfigureMethod(handle);
    ConfigureHeaders(handle);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
  }

  void ConfigureTimes(CURL* handle) {
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, Milliseconds(options_.connect_time_max));
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, std::max(1L, Milliseconds(options_.stalled_time_max) / 1000));
    if (call_.deadline != Instant::max()) {
      const Duration left = call_.deadline - clock_.MonotonicNow();
      // Rounded up, so that whoever finds the time out finds the deadline past.
      curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, std::max(1L, Milliseconds(left) + 1));
    }
  }

  void ConfigureMethod(CURL* handle) {
    if (request_.method == "GET") {
      curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    } else if (request_.method == "HEAD") {
      curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else {
      // There is no function to go back in the body, so the library cannot send it a second time on its own.
      curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
      curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request_.body_bytes()));
      curl_easy_setopt(handle, CURLOPT_READFUNCTION, &Transfer::OnSend);
      curl_easy_setopt(handle, CURLOPT_READDATA, this);
      // An empty body has nothing to go back in: only a new connection keeps the library from sending it again.
      if (request_.method == "PUT" && request_.body_bytes() == 0) curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
    }
  }

  void ConfigureHeaders(CURL* handle) {
    AddHeader(headers_, "Host: " + request_.origin.HostHeader());
    // No waiting for "100 Continue", and no header that is not signed.
    AddHeader(headers_, "Expect:");
    AddHeader(headers_, "Accept:");
    AddHeader(headers_, "Content-Type:");
    for (const HttpHeader& header : request_.headers)
      AddHeader(headers_, header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "sleeper");
  }

  static size_t OnSend(char* target, size_t size, size_t count, void* self) {
    return static_cast<Transfer*>(self)->Send(target, size * count);
  }

  static size_t OnBody(const char* bytes, size_t size, size_t count, void* self) {
    return static_cast<Transfer*>(self)->Receive({bytes, size * count});
  }

  static size_t OnHeader(const char* bytes, size_t size, size_t count, void* self) {
    return static_cast<Transfer*>(self)->ReceiveHeader({bytes, size * count});
  }

  size_t Send(char* target, size_t room) {
    size_t sent = 0;
    while (room > sent && part_ < request_.body.size()) {
      const Buffer& part = request_.body[part_];
      const size_t bytes = std::min(room - sent, static_cast<size_t>(part.size()) - part_sent_);
      if (bytes > 0) std::memcpy(target + sent, part.data() + part_sent_, bytes);
      sent += bytes;
      part_sent_ += bytes;
      if (part_sent_ == static_cast<size_t>(part.size())) {
        ++part_;
        part_sent_ = 0;
      }
    }
    return sent;
  }

  size_t Receive(std::string_view bytes) {
    if (static_cast<int64_t>(body_.size() + bytes.size()) > request_.answer_bytes_max) {
      is_too_long_ = true;
      return 0;
    }
    body_ += bytes;
    return bytes.size();
  }

  size_t ReceiveHeader(std::string_view line) {
    // Only those of the last answer count: a proxy, or "100 Continue", answers before.
    if (line.starts_with("HTTP/")) response_.headers.clear();
    is_head_whole_ = Trim(line).empty();
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return line.size();
    if (response_.headers.size() >= kHeadersMax) return 0;
    std::string name(Trim(line.substr(0, colon)));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    std::string value(Trim(line.substr(colon + 1)));
    if (name == "content-length" && request_.method != "HEAD") Reserve(std::strtoll(value.c_str(), nullptr, 10));
    response_.headers.push_back({std::move(name), std::move(value)});
    return line.size();
  }

  void Reserve(int64_t bytes) {
    if (bytes > 0 && bytes <= request_.answer_bytes_max)
      body_.reserve(static_cast<size_t>(std::min(bytes, kReserveMax)));
  }

  Status Failure(CURLcode code, bool is_sent) const {
    const std::string what = request_.method + " to " + request_.origin.ToString();
    const Reason reason = ReasonOf(code, error_.data(), request_.origin);
    const std::string why = code == CURLE_OK ? "the connection ended within the headers" : reason.text;
    if (IsAboutCertificates(code)) {
      return WithHint(Error(ErrorKind::kDenied, what, ": the server's certificate is not trusted: ", why),
                      "name the file of the certificate authority in AWS_CA_BUNDLE");
    }
    if (is_sent && !IsSafe(request_.method))
      return Error(ErrorKind::kOutcomeUnknown, what, ": the answer was lost: ", why);
    if (is_too_long_) {
      return Error(ErrorKind::kExhausted, what, ": the answer is longer than the ", request_.answer_bytes_max,
                   " bytes that are allowed");
    }
    const Status unwanted = call_.Check(clock_);
    if (!unwanted.ok()) return WithContext(unwanted, what);
    const char* hint =
        reason.is_about_proxy
            ? "are http_proxy, https_proxy (or HTTPS_PROXY) and all_proxy right? Servers that are reached "
              "without a proxy are named in no_proxy"
            : "is the endpoint right, and does the server run?";
    return WithHint(Error(ErrorKind::kUnavailable, what, is_sent ? ": the answer was lost: " : ": ", why),
                    is_sent ? "" : hint);
  }

  const HttpRequest& request_;
  const CallContext& call_;
  const CurlClientOptions& options_;
  const Clock& clock_;

  std::string url_;
  HeaderList headers_;
  std::array<char, CURL_ERROR_SIZE> error_ = {};
  /// What goes out next: this part of the body, from there.
  size_t part_ = 0;
  size_t part_sent_ = 0;
  HttpResponse response_;
  std::string body_;
  bool is_head_whole_ = false;
  bool is_too_long_ = false;
};

CurlClient::CurlClient(const CurlClientOptions& options, Executor& executor)
    : options_(options), clock_(executor.clock()), free_connections_(executor, options.connections_max) {}

CurlClient::~CurlClient() = default;

Result<HttpResponse> CurlClient::Send(const HttpRequest& request, const CallContext& call) {
  TRY(PrepareLibrary());
  TRY_ASSIGN(std::unique_ptr<Connection> connection, Acquire(call));
  Result<HttpResponse> response = Transfer(request, call, options_, clock_).Run(*connection);
  Release(std::move(connection));
  return response;
}

Result<std::unique_ptr<CurlClient::Connection>> CurlClient::Acquire(const CallContext& call) {
  do {
    TRY(call.Check(clock_));
  } while (!free_connections_.Acquire(1, std::min(call.deadline, clock_.MonotonicNow() + kAcquireSlice)));
  MutexLock lock(mutex_);
  if (idle_.empty()) return std::make_unique<Connection>();
  std::unique_ptr<Connection> connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void CurlClient::Release(std::unique_ptr<Connection> connection) {
  {
    MutexLock lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  free_connections_.Release(1);
}

}  // namespace sleeper::net
