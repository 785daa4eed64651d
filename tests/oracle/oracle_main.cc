// Plays seeds of the oracle test: oracle_runner --help.

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/oracle/oracle_run.h"

namespace sleeper::oracle {
namespace {

constexpr std::string_view kUsage =
    R"(usage: oracle_runner [--seeds N] [--first S] [--steps N]

Plays the seeds S … S+N-1: each makes a table of a random schema, changes it at random and compares what queries return
with what they must. Exits with 1 if any answer was wrong, and names the seed.

  --seeds N   how many (50)
  --first S   from which (0)
  --steps N   changes of each seed (30)

SLEEPER_ORACLE_SEEDS=17,99 plays these seeds instead.
)";

constexpr int kFailuresShownMax = 10;

struct Request {
  int64_t seeds = 50;
  uint64_t first = 0;
  int steps = 30;
  std::vector<uint64_t> replay;
};

template <typename Number>
bool Read(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
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
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    const std::string_view value = argv[i + 1];
    const bool read = option == "--seeds"   ? Read(value, request.seeds)
                      : option == "--first" ? Read(value, request.first)
                      : option == "--steps" ? Read(value, request.steps)
                                            : false;
    if (!read) return std::nullopt;
  }
  if (argc % 2 == 0) return std::nullopt;
  const char* replay = std::getenv("SLEEPER_ORACLE_SEEDS");
  if (replay != nullptr && !ReadSeeds(replay, request.replay)) return std::nullopt;
  return request;
}

int Play(const Request& request) {
  std::vector<uint64_t> seeds = request.replay;
  if (seeds.empty()) {
    for (int64_t i = 0; i < request.seeds; ++i) seeds.push_back(request.first + static_cast<uint64_t>(i));
  }
  RunCounts counts;
  int failures = 0;
  for (const uint64_t seed : seeds) {
    const Result<RunCounts> played = PlaySeed(seed, request.steps);
    if (played.ok()) {
      counts += *played;
      continue;
    }
    std::cerr << "seed " << seed << ": " << played.status().message() << "\n  replay: SLEEPER_ORACLE_SEEDS=" << seed
              << " oracle_runner --steps " << request.steps << "\n";
    if (++failures == kFailuresShownMax) break;
  }
  std::cout << seeds.size() << " seeds, " << counts.rows_ingested << " rows ingested, " << counts.runs_spilled
            << " runs spilled, " << counts.queries << " queries, " << counts.rows_returned << " rows compared, "
            << counts.partitions << " partitions, " << counts.files << " files, " << failures << " failures\n";
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace sleeper::oracle

int main(int argc, char** argv) {
  const auto request = sleeper::oracle::ReadRequest(argc, argv);
  if (!request) {
    std::cerr << sleeper::oracle::kUsage;
    return 2;
  }
  return sleeper::oracle::Play(*request);
}
