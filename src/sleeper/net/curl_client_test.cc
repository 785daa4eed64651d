#include "sleeper/net/curl_client.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include "sleeper/net/testing/scripted_server.h"

namespace sleeper::net {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class CurlClientTest : public testing::Test {
 protected:
  HttpRequest To(const ScriptedServer& server, const std::string& method, const std::string& body = "") {
    HttpRequest request{.method = method, .origin = server.origin(), .path = "/p", .proxy = Proxy::kNone};
    if (!body.empty()) request.body = {Buffer::CopyOf(body)};
    return request;
  }

  Status Failure(const HttpRequest& request) { return client_.Send(request, call_).status(); }

  SystemClock clock_;
  ThreadExecutor executor_{1, clock_};
  CurlClient client_{{}, executor_};
  CallContext call_;
};

TEST_F(CurlClientTest, AnAnswerOfAnyStatusIsAResponse) {
  ScriptedServer server(executor_, {{HttpAnswer(404, "not here", "X-Why:  because \r\nETag: \"e\"\r\n")}});
  const HttpResponse response = client_.Send(To(server, "GET"), call_).ValueOrDie();
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body.view(), "not here");
  EXPECT_EQ(response.Header("x-why"), "because");
  EXPECT_EQ(response.Header("etag"), "\"e\"");
  EXPECT_EQ(response.Header("absent"), "");
}

TEST_F(CurlClientTest, AConnectionIsUsedAgain) {
  ScriptedServer server(executor_, {{HttpAnswer(200, "1")}, {HttpAnswer(200, "2")}, {HttpAnswer(204, "")}});
  EXPECT_EQ(client_.Send(To(server, "GET"), call_)->body.view(), "1");
  EXPECT_EQ(client_.Send(To(server, "PUT", "x"), call_)->body.view(), "2");
  EXPECT_EQ(client_.Send(To(server, "DELETE"), call_)->status, 204);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlClientTest, ThePartsOfABodyGoOutOneAfterTheOther) {
  ScriptedServer server(executor_, {{HttpAnswer(200, "")}});
  HttpRequest request = To(server, "PUT");
  const std::string large(300'000, 'x');
  request.body = {Buffer::CopyOf("ab"), Buffer(), Buffer::CopyOf(large), Buffer::CopyOf("c")};
  request.headers = {{"If-None-Match", "*"}};
  ASSERT_TRUE(client_.Send(request, call_).ok());
  const std::string sent = server.requests().at(0);
  EXPECT_THAT(sent, StartsWith("PUT /p HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nIf-None-Match: *\r\n"));
  EXPECT_THAT(sent, HasSubstr("\r\nContent-Length: 300003\r\n"));
  EXPECT_TRUE(sent.ends_with("\r\n\r\nab" + large + "c"));
}

TEST_F(CurlClientTest, ThePathIsSentAsItIs) {
  ScriptedServer server(executor_, {{HttpAnswer(200, "")}});
  HttpRequest request = To(server, "GET");
  request.path = "/b/.../x/../50%";
  request.query = {{"q", "a b"}};
  ASSERT_TRUE(client_.Send(request, call_).ok());
  EXPECT_THAT(server.requests().at(0), StartsWith("GET /b/.../x/../50%25?q=a%20b HTTP/1.1\r\n"));
}

TEST_F(CurlClientTest, AHeadHasNoBody) {
  ScriptedServer server(executor_, {{"HTTP/1.1 200 OK\r\nContent-Length: 12345678901\r\n\r\n"}});
  const HttpResponse response = client_.Send(To(server, "HEAD"), call_).ValueOrDie();
  EXPECT_EQ(response.Header("content-length"), "12345678901");
  EXPECT_TRUE(response.body.empty());
}

TEST_F(CurlClientTest, ARefusedConnectionIsUnavailableForEveryMethod) {
  Origin nobody;
  { nobody = ScriptedServer(executor_, {}).origin(); }
  for (const char* method : {"GET", "PUT", "POST", "DELETE"}) {
    const HttpRequest request{.method = method, .origin = nobody, .proxy = Proxy::kNone};
    EXPECT_TRUE(IsKind(Failure(request), ErrorKind::kUnavailable)) << method;
  }
}

/// A variable of the environment, which libcurl itself reads, for one scope.
class ScopedProxy {
 public:
  explicit ScopedProxy(const char* value) {
    if (const char* before = std::getenv(kName)) before_ = before;
    setenv(kName, value, 1);
  }
  ~ScopedProxy() {
    if (before_) {
      setenv(kName, before_->c_str(), 1);
    } else {
      unsetenv(kName);
    }
  }
  ScopedProxy(const ScopedProxy&) = delete;
  ScopedProxy& operator=(const ScopedProxy&) = delete;

 private:
  static constexpr const char* kName = "http_proxy";
  std::optional<std::string> before_;
};

TEST_F(CurlClientTest, NoPartOfAProxysUserAndPasswordIsInAFailure) {
  for (const char* proxy :
       {"http://us3r:s3cr3t@127.0.0.1:99999", "http://us3r:s3cr3t@a b:80", "foo://us3r:s3cr3t@127.0.0.1:1",
        "us3r:s3cr3t@127.0.0.1:99999", "us3r:s3cr3t", "foo://s3cr3t", "http://us3r:x@s3cr3t@127.0.0.1:99999",
        "http://us3r:1/s3cr3t@127.0.0.1:1", "http://s3cr3t.invalid/@127.0.0.1:1", "http://us3r:s3cr3t@127.0.0.1:1"}) {
    const ScopedProxy scoped(proxy);
    const HttpRequest request{.origin = {.scheme = "http", .host = "store.invalid"}};
    const Status failure = Failure(request);
    EXPECT_TRUE(IsKind(failure, ErrorKind::kUnavailable)) << proxy;
    const std::string text = failure.message() + "\n" + HintOf(failure);
    EXPECT_THAT(text, Not(HasSubstr("s3cr3t"))) << proxy;
    EXPECT_THAT(text, Not(HasSubstr("us3r"))) << proxy;
    EXPECT_THAT(HintOf(failure), HasSubstr("http_proxy")) << proxy;
  }
}

TEST_F(CurlClientTest, AServerThatCannotBeReachedIsNamed) {
  Origin nobody;
  { nobody = ScriptedServer(executor_, {}).origin(); }
  const Status failure = Failure({.origin = nobody, .proxy = Proxy::kNone});
  EXPECT_THAT(failure.message(), HasSubstr("Failed to connect to 127.0.0.1 port "));
  EXPECT_THAT(HintOf(failure), HasSubstr("is the endpoint right"));
}

TEST_F(CurlClientTest, ALostAnswerOfAWriteIsAnUnknownOutcomeAndOfAReadUnavailable) {
  for (const AfterAnswer after : {AfterAnswer::kClose, AfterAnswer::kReset}) {
    for (const char* bytes :
         {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}) {
      ScriptedServer server(executor_, std::vector<ScriptedAnswer>(4, {bytes, after}));
      EXPECT_TRUE(IsKind(Failure(To(server, "PUT", "x")), ErrorKind::kOutcomeUnknown)) << bytes;
      EXPECT_TRUE(IsKind(Failure(To(server, "GET")), ErrorKind::kUnavailable)) << bytes;
    }
  }
}

TEST_F(CurlClientTest, APutIsNeverSentTwiceOnTheClientsOwnAccount) {
  for (const char* body : {"", "body"}) {
    // A kept connection that dies during the second request is what tempts an HTTP library.
    ScriptedServer server(
        executor_, {{HttpAnswer(200, "")}, {"", AfterAnswer::kClose}, {HttpAnswer(200, "")}, {HttpAnswer(200, "")}});
    ASSERT_TRUE(client_.Send(To(server, "GET"), call_).ok());
    EXPECT_TRUE(IsKind(Failure(To(server, "PUT", body)), ErrorKind::kOutcomeUnknown));
    EXPECT_THAT(server.requests(), SizeIs(2));
  }
}

TEST_F(CurlClientTest, AnAnswerThatIsTooLongIsRefused) {
  ScriptedServer server(executor_, {{HttpAnswer(200, "12345")}, {HttpAnswer(200, "123456")}});
  HttpRequest request = To(server, "GET");
  request.answer_bytes_max = 5;
  EXPECT_EQ(client_.Send(request, call_)->body.view(), "12345");
  EXPECT_TRUE(IsKind(Failure(request), ErrorKind::kExhausted));
}

TEST_F(CurlClientTest, CancelledWorkSendsNothing) {
  ScriptedServer server(executor_, {{HttpAnswer(200, "")}});
  Cancellation cancellation;
  cancellation.Cancel();
  call_.cancellation = &cancellation;
  EXPECT_TRUE(IsKind(Failure(To(server, "PUT", "x")), ErrorKind::kCancelled));
  EXPECT_THAT(server.requests(), SizeIs(0));
}

TEST_F(CurlClientTest, AServerThatDoesNotAnswerMeetsTheDeadline) {
  // Waits for further bytes of the head, which never come.
  ScriptedServer server(executor_, {{"HTTP/1.1 200 OK\r\n"}, {"HTTP/1.1 200 OK\r\n"}});
  call_.deadline = clock_.MonotonicNow() + std::chrono::milliseconds(50);
  EXPECT_TRUE(IsKind(Failure(To(server, "GET")), ErrorKind::kCancelled));
  call_.deadline = clock_.MonotonicNow() + std::chrono::milliseconds(50);
  EXPECT_TRUE(IsKind(Failure(To(server, "PUT", "x")), ErrorKind::kOutcomeUnknown));
}

TEST_F(CurlClientTest, ARedirectIsAnAnswerAndNotFollowed) {
  ScriptedServer server(executor_, {{HttpAnswer(301, "", "Location: http://127.0.0.1:1/\r\n")}});
  EXPECT_EQ(client_.Send(To(server, "GET"), call_)->status, 301);
}

TEST_F(CurlClientTest, RequestsBeyondTheBoundWaitForAConnection) {
  CurlClient narrow({.connections_max = 1}, executor_);
  ScriptedServer server(executor_, std::vector<ScriptedAnswer>(20, {HttpAnswer(200, "x")}));
  TaskGroup group(executor_);
  for (int i = 0; i < 4; ++i) {
    group.RunStage([&]() -> Status {
      for (int k = 0; k < 5; ++k) TRY(narrow.Send(To(server, "GET"), call_).status());
      return Status::OK();
    });
  }
  EXPECT_TRUE(group.Join().ok());
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace sleeper::net
