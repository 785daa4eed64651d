// Looks how many seeds find each seeded defect: sim_defects --help.

#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>
#include <seeded_defects.h>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sleeper/base/check.h"
#include "tests/sim/crash_points.h"
#include "tests/sim/defect_search.h"
#include "tests/sim/seeds.h"

namespace sleeper::sim {
namespace {

constexpr std::string_view kUsage =
    R"(usage: sim_defects [--searches N] [--seeds MAX] [--defect NAME]… [--control N]

This program is made of the product with mistakes in its code, of which one is switched on at a time. It plays seeds of
the simulation until one fails, N times for each mistake, and prints a table with the median number of seeds. Exits with
1 if a mistake is not found within the seeds that have to be enough for it. Before that it plays seeds with none
switched on, which must be clean.

  --searches N   searches for each defect, which begin at different seeds (1)
  --defect NAME  only this one; may be repeated
  --control N    seeds of each scenario without a defect (5)
)";

// Searches begin so far from each other.
constexpr uint64_t kSearchSpacing = 1'000'000;

struct Request {
  int64_t searches = 1;
  int64_t control = 5;
  std::vector<std::string> defects;
  bool usage = false;
};

bool Read(std::string_view text, int64_t& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

std::optional<Request> ReadRequest(int argc, char** argv) {
  Request request;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--help") {
      request.usage = true;
    } else if (option == "--defect" && !value.empty()) {
      request.defects.emplace_back(value);
      ++i;
    } else if ((option == "--searches" && Read(value, request.searches)) ||
               (option == "--control" && Read(value, request.control))) {
      ++i;
    } else {
      return std::nullopt;
    }
  }
  return request;
}

/// A seed is one story, played with all its crashes.
void PlayCrashStory(Simulation& simulation) {
  const std::vector<CrashStory> stories = CrashStories();
  const CrashStory& story = stories[simulation.options().seed % stories.size()];
  for (const std::string& violation : PlayCrashes(story).violations)
    simulation.Fail(story.operation + ", " + violation);
}

Scenario ScenarioOf(std::string_view name) {
  for (const Scenario& scenario : Scenarios()) {
    if (scenario.name == name) return scenario;
  }
  SLEEPER_CHECK(name == "crash points", "there is no scenario ", name);
  return {"crash points", PlayCrashStory};
}

/// A flaw of the store or of the product's code.
struct Suspect {
  Flaw flaw;
  SeededDefect code = SeededDefect::kNone;
  int64_t seeds_max = 1'000;
};

std::vector<Suspect> Suspects() {
  std::vector<Suspect> suspects;
  for (const SeededDefectText& text : kSeededDefects) {
    suspects.push_back(
        {{std::string(text.name), std::string(text.what), ScenarioOf(text.scenario)}, text.defect, text.seeds_max});
  }
  for (Defect defect : AllDefects()) {
    suspects.push_back({{"the store " + std::string(DefectName(defect)), std::string(DefectText(defect)),
                         ScenarioOf("slots"), defect}});
  }
  return suspects;
}

bool IsClean(int64_t seeds) {
  for (const Scenario& scenario : Scenarios()) {
    const DefectSearch control = SearchDefect({.name = "none", .what = "", .scenario = scenario}, 0, seeds);
    if (control.seeds == 0) continue;
    std::cout << "without a defect, " << scenario.name << " fails: " << control.violation << '\n';
    return false;
  }
  return true;
}

/// The line of the table. False if it was not found.
bool Find(const Suspect& suspect, const Request& request) {
  switched_on = suspect.code;
  std::vector<int64_t> seeds;
  DefectSearch search;
  for (int64_t i = 0; i < request.searches; ++i) {
    search = SearchDefect(suspect.flaw, static_cast<uint64_t>(i) * kSearchSpacing, suspect.seeds_max);
    if (search.seeds == 0) break;
    seeds.push_back(search.seeds);
  }
  switched_on = SeededDefect::kNone;
  std::sort(seeds.begin(), seeds.end());
  const bool found = static_cast<int64_t>(seeds.size()) == request.searches;
  const std::string line = search.violation.substr(0, search.violation.find('\n'));
  std::cout << fmt::format("| {} | {} | {} | {} | {} |", suspect.flaw.name, suspect.flaw.what,
                           suspect.flaw.scenario.name,
                           found ? std::to_string(seeds[seeds.size() / 2]) : std::string("not found"), line)
            << std::endl;
  return found;
}

int Main(int argc, char** argv) {
  const std::optional<Request> request = ReadRequest(argc, argv);
  if (!request || request->usage) {
    (request ? std::cout : std::cerr) << kUsage;
    return request ? 0 : 2;
  }
  const std::vector<Suspect> suspects = Suspects();
  for (const std::string& name : request->defects) {
    if (std::any_of(suspects.begin(), suspects.end(), [&](const Suspect& s) { return s.flaw.name == name; })) continue;
    std::cerr << "there is no defect '" << name << "'\n";
    return 2;
  }
  if (!IsClean(request->control)) return 1;
  std::cout << "| defect | what is wrong | scenario | seeds | how it shows |\n|---|---|---|--:|---|" << std::endl;
  bool all = true;
  for (const Suspect& suspect : suspects) {
    const auto& wanted = request->defects;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), suspect.flaw.name) == wanted.end()) continue;
    all = Find(suspect, *request) && all;
  }
  return all ? 0 : 1;
}

}  // namespace
}  // namespace sleeper::sim

int main(int argc, char** argv) { return sleeper::sim::Main(argc, argv); }
