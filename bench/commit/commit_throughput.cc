// How many transactions a second reach the log of one table on a store that answers like S3: from one process with many
// waiting callers, which commit for one another, and from separate writers, which race for each entry.
//
//   commit_throughput [--seconds N] [--seed N]          in virtual time: the same figures on every machine; what the
//                                                       program itself computes takes no time there
//   commit_throughput --real [--seconds N] [CASE…]      with threads and the machine's clock; a CASE is WRITERSxCALLERS

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/commit/s3_like_store.h"
#include "sleeper/base/check.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/task_group.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/testing/test_table.h"
#include "sleeper/store/memory_store.h"
#include "tests/sim/scheduler.h"
#include "tests/sim/sim_clock.h"
#include "tests/sim/sim_executor.h"

namespace sleeper {
namespace {

using state::TableStatePtr;

const model::TableId kTable("00000000000000aa");

struct Case {
  int writers = 1;
  /// Of each writer.
  int callers = 1;
};

constexpr std::array kCases = {Case{1, 1}, Case{1, 8}, Case{1, 64}, Case{1, 256}, Case{8, 1}, Case{64, 1}};

/// What was acknowledged. Thread-safe.
class Tally {
 public:
  void Add(Duration time, model::LogNumber entry) {
    MutexLock lock(mutex_);
    times_.push_back(time);
    newest_ = std::max(newest_, entry);
  }
  void AddFailure() {
    MutexLock lock(mutex_);
    ++failures_;
  }
  int64_t failures() const {
    MutexLock lock(mutex_);
    return failures_;
  }
  int64_t commits() const {
    MutexLock lock(mutex_);
    return static_cast<int64_t>(times_.size());
  }
  model::LogNumber newest() const {
    MutexLock lock(mutex_);
    return newest_;
  }
  double Milliseconds(double quantile) {
    MutexLock lock(mutex_);
    if (times_.empty()) return 0;
    std::sort(times_.begin(), times_.end());
    const auto at = static_cast<size_t>(quantile * static_cast<double>(times_.size() - 1));
    return static_cast<double>(times_[at].count()) / 1e3;
  }

 private:
  mutable Mutex mutex_;
  std::vector<Duration> times_ SLEEPER_GUARDED_BY(mutex_);
  int64_t failures_ SLEEPER_GUARDED_BY(mutex_) = 0;
  /// The newest entry that holds one of them.
  model::LogNumber newest_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

/// What one ingest job commits: its id, its outcome and one file.
state::Transaction MakeIngest(const state::TableState& state, Random& random) {
  state::NewFile file;
  file.record.birth = state.number();
  file.record.id = state::MakeFileId(state.number(), random);
  file.record.size_bytes = 100'000'000;
  file.record.tail_bytes = 150'000;
  file.record.rows = 1'000'000;
  file.record.row_hash = {random.Next(), random.Next()};
  file.record.bounds = {random.Hex(10), "z"};
  file.slices = {{model::KeyInterval::All(), file.record.rows}};
  return state::AddFiles{state::CompletedJob{model::JobId(random.Hex(16)),
                                             state::SpecHash(random.Hex(32)),
                                             state::JobKind::kIngest,
                                             {file.record.rows, file.record.rows, 1, 1},
                                             {}},
                         state.shape_hash(),
                         {std::move(file)}};
}

state::LogOptions OptionsOf(int writer) {
  state::LogOptions options;
  options.writer = "writer-" + std::to_string(writer);
  return options;
}

/// A process with its view of the log.
struct Writer {
  Writer(store::ObjectStore& inner, const Clock& clock, Random& random_bits, Executor& task_executor, int number)
      : random(random_bits),
        executor(task_executor),
        slow_store(inner, {}, random,
                   [this](Duration time) { executor.SleepUntil(executor.clock().MonotonicNow() + time); }),
        log(slow_store, clock, random, executor, state::LogLayout::ForTable(kTable), OptionsOf(number)) {}

  /// Commits one ingest after the other until the time is up. What is under way then does not count.
  void Commit(Instant end, Tally& tally) {
    TableStatePtr known;
    while (executor.clock().MonotonicNow() < end) {
      const Instant start = executor.clock().MonotonicNow();
      if (known == nullptr) {
        const Result<TableStatePtr> refreshed = log.Refresh({});
        SLEEPER_CHECK(refreshed.ok(), refreshed.status().ToString());
        known = *refreshed;
      }
      const Result<state::CommitOutcome> committed = committer.Commit(MakeIngest(*known, random), {});
      const Instant now = executor.clock().MonotonicNow();
      if (committed.ok()) {
        known = committed->state;
        if (now < end) {
          tally.Add(now - start, committed->number);
          ++commits;
        }
      } else {
        tally.AddFailure();
      }
    }
  }

  /// Of all its callers.
  std::atomic<int64_t> commits = 0;
  Random& random;
  Executor& executor;
  S3LikeStore slow_store;
  state::TableLog log;
  state::TableCommitter committer{log};
};

void DefineTable(store::ObjectStore& store, const Clock& clock, Random& random, Executor& executor) {
  state::TableLog log(store, clock, random, executor, state::LogLayout::ForTable(kTable), OptionsOf(0));
  state::TableCommitter committer(log);
  // Nobody forgets a job here, and there are many.
  const model::TableDefinition definition = state::SampleDefinition({{"job.memory.max", "100000000"}});
  const Result<state::CommitOutcome> defined = committer.Commit(state::DefineTable{definition, {}}, {});
  SLEEPER_CHECK(defined.ok(), defined.status().ToString());
}

double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void PrintHead() {
  std::printf(
      "| writers | callers of each | commits a second | entries a second | fewest and most of a writer | median ms | "
      "99 "
      "%% ms | slowest ms | requests a commit | failed | CPU s |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|\n");
}

void Print(const Case& shape, Duration time, const std::vector<std::unique_ptr<Writer>>& writers, Tally& tally,
           double cpu_seconds) {
  const double seconds = static_cast<double>(time.count()) / 1e6;
  const auto commits = static_cast<double>(tally.commits());
  int64_t fewest = INT64_MAX;
  int64_t most = 0;
  int64_t requests = 0;
  for (const std::unique_ptr<Writer>& writer : writers) {
    fewest = std::min<int64_t>(fewest, writer->commits);
    most = std::max<int64_t>(most, writer->commits);
    requests += writer->slow_store.requests();
  }
  std::printf("| %d | %d | %.1f | %.1f | %lld to %lld | %.0f | %.0f | %.0f | %.1f | %lld | %.2f |\n", shape.writers,
              shape.callers, commits / seconds, static_cast<double>(tally.newest()) / seconds,
              static_cast<long long>(fewest), static_cast<long long>(most), tally.Milliseconds(0.5),
              tally.Milliseconds(0.99), tally.Milliseconds(1), static_cast<double>(requests) / commits,
              static_cast<long long>(tally.failures()), cpu_seconds);
  std::fflush(stdout);
}

/// Every choice is the seed's; time passes only while everybody sleeps.
void RunVirtual(const Case& shape, Duration time, uint64_t seed) {
  const double cpu_before = CpuSeconds();
  sim::Trace trace;
  sim::Scheduler scheduler(seed, Duration::zero(), trace);
  const sim::SimClock clock(scheduler, {}, {});
  store::MemoryStore store(clock);
  SeededRandom random(seed);
  sim::Process& process = scheduler.AddProcess("bench", 1);
  sim::SimExecutor executor(scheduler, process, clock, shape.writers * shape.callers + 1);
  std::vector<std::unique_ptr<Writer>> writers;
  Tally tally;
  scheduler.Start(process, [&] { DefineTable(store, clock, random, executor); });
  SLEEPER_CHECK(scheduler.Run(INT64_MAX) == sim::RunEnd::kAllEnded, "the table was not made");
  const Instant end = clock.MonotonicNow() + time;
  for (int i = 0; i < shape.writers; ++i) {
    writers.push_back(std::make_unique<Writer>(store, clock, random, executor, i));
    for (int k = 0; k < shape.callers; ++k) {
      scheduler.Start(process, [&, writer = writers.back().get()] { writer->Commit(end, tally); });
    }
  }
  SLEEPER_CHECK(scheduler.Run(INT64_MAX) == sim::RunEnd::kAllEnded, "the callers wait for one another");
  Print(shape, time, writers, tally, CpuSeconds() - cpu_before);
}

void RunReal(const Case& shape, Duration time) {
  const double cpu_before = CpuSeconds();
  const SystemClock clock;
  SystemRandom random;
  const int callers = shape.writers * shape.callers;
  ThreadExecutor executor(callers, clock);
  store::MemoryStore store(clock);
  DefineTable(store, clock, random, executor);
  std::vector<std::unique_ptr<Writer>> writers;
  Tally tally;
  const Instant end = clock.MonotonicNow() + time;
  {
    TaskGroup group(executor);
    for (int i = 0; i < shape.writers; ++i) {
      writers.push_back(std::make_unique<Writer>(store, clock, random, executor, i));
      for (int k = 0; k < shape.callers; ++k) {
        group.RunStage([&, writer = writers.back().get()] {
          writer->Commit(end, tally);
          return Status::OK();
        });
      }
    }
    SLEEPER_CHECK(group.Join().ok(), "the callers failed");
  }
  Print(shape, time, writers, tally, CpuSeconds() - cpu_before);
}

int Main(int count, char** values) {
  bool real = false;
  int64_t seconds = 60;
  uint64_t seed = 1;
  std::vector<Case> cases;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = values[i];
    Case shape;
    if (word == "--real") {
      real = true;
    } else if (word == "--seconds" && i + 1 < count) {
      seconds = std::atoll(values[++i]);
    } else if (word == "--seed" && i + 1 < count) {
      seed = std::strtoull(values[++i], nullptr, 10);
    } else if (std::sscanf(values[i], "%dx%d", &shape.writers, &shape.callers) == 2) {
      cases.push_back(shape);
    } else {
      std::fprintf(stderr, "usage: commit_throughput [--real] [--seconds N] [--seed N] [WRITERSxCALLERS…]\n");
      return 2;
    }
  }
  if (cases.empty()) cases.assign(kCases.begin(), kCases.end());
  PrintHead();
  for (const Case& shape : cases) {
    if (real) {
      RunReal(shape, std::chrono::seconds(seconds));
    } else {
      RunVirtual(shape, std::chrono::seconds(seconds), seed);
    }
  }
  return 0;
}

}  // namespace
}  // namespace sleeper

int main(int count, char** values) { return sleeper::Main(count, values); }
