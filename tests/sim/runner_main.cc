// Plays seeds of the simulation: sim_runner --help.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sleeper/base/time.h"
#include "tests/sim/seeds.h"

namespace sleeper::sim {
namespace {

constexpr std::string_view kUsage =
    R"(usage: sim_runner [--seeds N] [--first S] [--threads T] [--scenario NAME]… [--once] [--print]

Plays the seeds S … S+N-1 of each scenario, each seed twice, and says how many it played in a minute. Exits with 1 if
anything was violated; the report shows the seed, its faults and the last port calls.

  --seeds N        how many (100)
  --first S        from which (0)
  --threads T      how many at the same time (2)
  --scenario NAME  only this one; may be repeated
  --once           plays each seed once only
  --list           names the scenarios
  --print          prints every port call; for few seeds

SLEEPER_SIM_SEEDS=17,99 plays these seeds instead and reports each of them.
)";

struct Request {
  int64_t seeds = 100;
  uint64_t first = 0;
  int threads = 2;
  std::vector<std::string> scenarios;
  bool list = false;
  Repeat repeat = Repeat::kYes;
  bool print = false;
  bool usage = false;
  std::vector<uint64_t> replay;
};

template <typename Number>
bool Read(std::string_view text, Number& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool ReadSeeds(std::string_view text, std::vector<uint64_t>& seeds) {
  while (!text.empty()) {
    const size_t comma = text.find(',');
    uint64_t seed = 0;
    if (!Read(text.substr(0, comma), seed)) return false;
    seeds.push_back(seed);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return true;
}

std::optional<Request> ReadRequest(int argc, char** argv) {
  Request request;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--list") {
      request.list = true;
    } else if (option == "--once") {
      request.repeat = Repeat::kNo;
    } else if (option == "--print") {
      request.print = true;
    } else if (option == "--help") {
      request.usage = true;
    } else if (option == "--scenario" && !value.empty()) {
      request.scenarios.emplace_back(value);
      ++i;
    } else if ((option == "--seeds" && Read(value, request.seeds)) ||
               (option == "--first" && Read(value, request.first)) ||
               (option == "--threads" && Read(value, request.threads) && request.threads > 0)) {
      ++i;
    } else {
      return std::nullopt;
    }
  }
  const char* replay = std::getenv("SLEEPER_SIM_SEEDS");
  if (replay != nullptr && !ReadSeeds(replay, request.replay)) return std::nullopt;
  return request;
}

std::vector<Scenario> Chosen(const Request& request) {
  std::vector<Scenario> chosen;
  for (const Scenario& scenario : Scenarios()) {
    bool wanted = request.scenarios.empty();
    for (const std::string& name : request.scenarios) wanted = wanted || name == scenario.name;
    if (wanted) chosen.push_back(scenario);
  }
  return chosen;
}

/// False if something was violated.
bool Replay(const Scenario& scenario, const Request& request) {
  bool clean = true;
  for (uint64_t seed : request.replay) {
    const RunReport report = RunTwice(scenario, {.seed = seed, .print = request.print ? &std::cout : nullptr});
    std::cout << report;
    clean = clean && report.ok();
  }
  return clean;
}

bool Play(const Scenario& scenario, const Request& request) {
  if (!request.replay.empty()) return Replay(scenario, request);
  const SystemClock clock;
  const Instant start = clock.MonotonicNow();
  const SeedsReport report = RunSeeds(scenario, request.first, request.seeds, request.threads, request.repeat);
  const double seconds = static_cast<double>((clock.MonotonicNow() - start).count()) / 1e6;
  for (const RunReport& failed : report.failed) std::cout << failed << '\n';
  std::cout << fmt::format(
      "{}: {} seeds from {}, each {}, {} failed; {:.0f} seeds a minute, {} port calls and {} steps a seed\n",
      scenario.name, report.seeds, request.first, request.repeat == Repeat::kYes ? "twice" : "once",
      report.failed_seeds, 60.0 * static_cast<double>(report.seeds) / seconds,
      report.port_calls / std::max<int64_t>(report.seeds, 1), report.steps / std::max<int64_t>(report.seeds, 1));
  for (const auto& [what, times] : report.counts) std::cout << "  " << what << ": " << times << '\n';
  return report.failed_seeds == 0;
}

int Main(int argc, char** argv) {
  const std::optional<Request> request = ReadRequest(argc, argv);
  if (!request || request->usage) {
    (request ? std::cout : std::cerr) << kUsage;
    return request ? 0 : 2;
  }
  const std::vector<Scenario> chosen = Chosen(*request);
  if (request->list) {
    for (const Scenario& scenario : chosen) std::cout << scenario.name << '\n';
    return 0;
  }
  if (chosen.size() < request->scenarios.size()) {
    std::cerr << "there is no such scenario; --list names them\n";
    return 2;
  }
  bool clean = true;
  for (const Scenario& scenario : chosen) clean = Play(scenario, *request) && clean;
  return clean ? 0 : 1;
}

}  // namespace
}  // namespace sleeper::sim

int main(int argc, char** argv) { return sleeper::sim::Main(argc, argv); }
