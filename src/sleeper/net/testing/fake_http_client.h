#pragma once

#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "sleeper/base/mutex.h"
#include "sleeper/net/http.h"

namespace sleeper::net {

/// Answers request n with answer n of a script, and then with failures; or every request by a function. Thread-safe, if
/// the function is.
class FakeHttpClient final : public HttpClient {
 public:
  using Handler = std::function<Result<HttpResponse>(const HttpRequest& request, const CallContext& call)>;

  FakeHttpClient() = default;
  explicit FakeHttpClient(Handler handler) : handler_(std::move(handler)) {}

  void Answer(int status, const std::string& body = "", std::vector<HttpHeader> headers = {}) {
    MutexLock lock(mutex_);
    answers_.push_back(HttpResponse{status, std::move(headers), Buffer::CopyOf(body)});
  }

  void Fail(Status failure) {
    MutexLock lock(mutex_);
    answers_.push_back(std::move(failure));
  }

  std::vector<HttpRequest> requests() const {
    MutexLock lock(mutex_);
    return requests_;
  }

  Result<HttpResponse> Send(const HttpRequest& request, const CallContext& call) override {
    {
      MutexLock lock(mutex_);
      requests_.push_back(request);
    }
    if (handler_) return handler_(request, call);
    MutexLock lock(mutex_);
    if (answers_.empty()) return Error(ErrorKind::kUnavailable, "the script has no answer");
    Result<HttpResponse> answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

 private:
  const Handler handler_;
  mutable Mutex mutex_;
  std::deque<Result<HttpResponse>> answers_ SLEEPER_GUARDED_BY(mutex_);
  std::vector<HttpRequest> requests_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::net
