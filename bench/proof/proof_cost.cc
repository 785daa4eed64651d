// What the proof of a merge costs: merges the same files with and without it, in turns, and compares the CPU time of
// the process. Objects are in memory, and one thread merges.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iostream>
#include <seeded_defects.h>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/compact/plan_compactions.h"
#include "sleeper/compact/run_compaction.h"
#include "sleeper/compact/testing/test_table.h"

namespace sleeper::compact {
namespace {

struct Work {
  int64_t files = 11;
  int64_t rows = 200'000;
  int64_t rounds = 7;
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double SecondsOfMerge(TestTable& table, const CompactionSpec& spec, sim::SeededDefect defect) {
  sim::switched_on = defect;
  const TablePorts ports = table.ports();
  const double before = CpuSeconds();
  const auto outcome = RunCompaction({ports.store, ports.table, ports.executor, ports.random}, spec, CallContext());
  const double seconds = CpuSeconds() - before;
  // Without the proof the result has no hash, and is refused at its very end.
  const bool proved = defect == sim::SeededDefect::kNone;
  SLEEPER_CHECK(outcome.ok() == proved, outcome.status().ToString());
  return seconds;
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void Measure(const Work& work) {
  TestTable table(columnar::ReferenceLayout());
  for (int64_t i = 0; i < work.files; ++i) {
    table.AddFile(columnar::ReferenceRows(work.rows, static_cast<uint64_t>(i + 1)));
  }
  PlanRequest request;
  request.policy.mode = CompactionMode::kAll;
  request.policy.files_batch_size = 100;
  request.policy.file_bytes_target = int64_t{4} << 30;
  const CompactionPlan plan = PlanCompactions(*table.State(), request);
  std::vector<double> with;
  std::vector<double> without;
  std::vector<double> ratios;
  for (int64_t round = 0; round < work.rounds; ++round) {
    without.push_back(SecondsOfMerge(table, plan.jobs.front(), sim::SeededDefect::kNoProof));
    with.push_back(SecondsOfMerge(table, plan.jobs.front(), sim::SeededDefect::kNone));
    ratios.push_back(with.back() / without.back());
  }
  const auto rows = static_cast<double>(work.files * work.rows);
  std::cout << fmt::format(
      "| {} x {} rows | CPU s, best | CPU s, median | M rows per CPU-second |\n|---|---|---|---|\n", work.files,
      work.rows);
  const auto print = [&](std::string_view name, const std::vector<double>& seconds) {
    const double best = std::ranges::min(seconds);
    std::cout << fmt::format("| {} | {:.3f} | {:.3f} | {:.2f} |\n", name, best, Median(seconds), rows / best * 1e-6);
  };
  print("without the proof", without);
  print("with the proof", with);
  std::cout << fmt::format("The proof costs {:.1f} % by the best rounds, {:.1f} % by the median of the rounds.\n",
                           100 * (std::ranges::min(with) / std::ranges::min(without) - 1), 100 * (Median(ratios) - 1));
}

int Main(int argc, char** argv) {
  Work work;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    int64_t* const number = option == "--files"    ? &work.files
                            : option == "--rows"   ? &work.rows
                            : option == "--rounds" ? &work.rounds
                                                   : nullptr;
    if (number == nullptr || std::from_chars(value.data(), value.data() + value.size(), *number).ec != std::errc()) {
      std::cerr << "usage: proof_cost [--files N] [--rows N] [--rounds N]\n";
      return 2;
    }
  }
  Measure(work);
  return 0;
}

}  // namespace
}  // namespace sleeper::compact

int main(int argc, char** argv) { return sleeper::compact::Main(argc, argv); }
