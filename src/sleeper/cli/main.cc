#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include "sleeper/base/cancellation.h"
#include "sleeper/cli/environment.h"
#include "sleeper/cli/program.h"

namespace {

/// A signal handler reaches nothing else.
sleeper::Cancellation interrupt;

void Interrupt(int) { interrupt.Cancel(); }

/// The first interrupt asks the work to unwind; a second one ends the process, as if nobody had listened.
void ListenToInterrupts() {
  struct sigaction action = {};
  action.sa_handler = Interrupt;
  action.sa_flags = SA_RESETHAND;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    // Of a background job or under nohup.
    if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
  // A reader that goes away, and a file that may not grow further, show as failed writes.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

std::optional<std::string> Variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

/// "sleeper 0.1.0 user@host".
std::string Writer() {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  return "sleeper " SLEEPER_VERSION " " + Variable("USER").value_or("unknown") + "@" + host;
}

}  // namespace

int main(int argc, char** argv) {
  ListenToInterrupts();
  sleeper::cli::Environment environment;
  environment.version = SLEEPER_VERSION;
  environment.instance = Variable("SLEEPER_INSTANCE");
  environment.writer = Writer();
  environment.scratch_folder = Variable("TMPDIR").value_or("");
  environment.aws = sleeper::engine::AwsEnvironment::From(Variable);
  environment.stderr_is_terminal = isatty(STDERR_FILENO) == 1;
  environment.coloured_errors = environment.stderr_is_terminal && !Variable("NO_COLOR");
  environment.interrupt = &interrupt;
  const std::vector<std::string> words(argv + 1, argv + argc);
  return sleeper::cli::RunProgram(words, environment);
}
