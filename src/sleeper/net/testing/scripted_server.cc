#include "sleeper/net/testing/scripted_server.h"

#include <optional>
#include <poll.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "sleeper/base/check.h"

namespace sleeper::net {
namespace {

/// True once `descriptor` can be read, false once `stop` can.
bool WaitToRead(int descriptor, int stop) {
  pollfd waits[2] = {{descriptor, POLLIN, 0}, {stop, POLLIN, 0}};
  while (poll(waits, 2, -1) < 0 && errno == EINTR) {
  }
  return waits[1].revents == 0;
}

/// How many bytes the request has that starts in `text`; nothing if its head is not there yet.
std::optional<size_t> RequestBytes(const std::string& text) {
  const size_t head = text.find("\r\n\r\n");
  if (head == std::string::npos) return std::nullopt;
  const std::string_view field = "\r\nContent-Length: ";
  const size_t length = text.find(field);
  const size_t body = length < head ? std::strtoul(text.c_str() + length + field.size(), nullptr, 10) : 0;
  return head + 4 + body;
}

void SendAll(int connection, const std::string& bytes) {
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<size_t>(count);
  }
}

void CutOff(int connection) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

std::string HttpAnswer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

ScriptedServer::ScriptedServer(Executor& executor, std::vector<ScriptedAnswer> script)
    : executor_(executor), script_(std::move(script)), group_(executor) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  SLEEPER_CHECK(listener_ >= 0 && bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                    listen(listener_, 16) == 0 &&
                    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0 && pipe(stop_) == 0,
                "no socket to listen on");
  port_ = ntohs(address.sin_port);
  group_.RunStage([this] { return Serve(); });
}

ScriptedServer::~ScriptedServer() {
  SLEEPER_CHECK(write(stop_[1], "x", 1) == 1, "the server cannot be stopped");
  SLEEPER_CHECK(group_.Join().ok(), "the server failed");
  close(listener_);
  close(stop_[0]);
  close(stop_[1]);
}

std::vector<std::string> ScriptedServer::requests() const {
  MutexLock lock(mutex_);
  return requests_;
}

int ScriptedServer::connections() const {
  MutexLock lock(mutex_);
  return connections_;
}

Status ScriptedServer::Serve() {
  TaskGroup serving(executor_);
  while (WaitToRead(listener_, stop_[0])) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    {
      MutexLock lock(mutex_);
      ++connections_;
    }
    serving.RunStage([this, connection] {
      ServeConnection(connection);
      close(connection);
      return Status::OK();
    });
  }
  return serving.Join();
}

void ScriptedServer::ServeConnection(int connection) {
  std::string received;
  while (WaitToRead(connection, stop_[0])) {
    char bytes[16384];
    const ssize_t count = recv(connection, bytes, sizeof bytes, 0);
    if (count <= 0) return;
    received.append(bytes, static_cast<size_t>(count));
    const std::optional<size_t> whole = RequestBytes(received);
    if (!whole || received.size() < *whole) continue;
    ScriptedAnswer answer;
    {
      MutexLock lock(mutex_);
      const size_t n = requests_.size();
      requests_.push_back(received.substr(0, *whole));
      if (n >= script_.size()) return;
      answer = script_[n];
    }
    received.erase(0, *whole);
    SendAll(connection, answer.bytes);
    if (answer.after == AfterAnswer::kReset) CutOff(connection);
    if (answer.after != AfterAnswer::kKeep) return;
  }
}

}  // namespace sleeper::net
