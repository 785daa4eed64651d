// What operations ask of a store: requests, and how many of them have to wait for one another. Time is virtual: each
// request takes one tick and nothing else takes any, so the ticks that go by are the dependent round trips.

#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/check/check_table.h"
#include "sleeper/compact/compact_table.h"
#include "sleeper/ingest/ingest_table.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/query/run_query.h"
#include "sleeper/state/instance_file.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/registry.h"
#include "sleeper/store/memory_scratch.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/metered_store.h"
#include "sleeper/store/testing/intercepting_store.h"
#include "tests/sim/number_rows.h"
#include "tests/sim/scheduler.h"
#include "tests/sim/sim_clock.h"
#include "tests/sim/sim_executor.h"
#include "tests/sim/trace.h"

namespace sleeper {
namespace {

using model::ValueOf;
using store::Verb;

constexpr Duration kTick = std::chrono::milliseconds(10);
/// More than any operation has use for.
constexpr int kThreads = 64;
constexpr int kFiles = 10;
constexpr int64_t kRowsPerFile = 100;
const model::TableName kTable("numbers");

/// What one operation asked for. Value.
struct Cost {
  int64_t gets = 0;
  int64_t puts = 0;
  int64_t lists = 0;
  int64_t others = 0;
  int64_t round_trips = 0;

  friend bool operator==(const Cost&, const Cost&) = default;
};

void PrintTo(const Cost& cost, std::ostream* out) {
  *out << cost.gets << " GET, " << cost.puts << " PUT, " << cost.lists << " LIST, " << cost.others << " others, in "
       << cost.round_trips << " round trips";
}

/// Lets each request take a tick. Streamed objects here are so small that they go out whole when they are finished.
class TickingStore final : public store::InterceptingStore {
 public:
  TickingStore(store::ObjectStore& inner, Executor& executor) : InterceptingStore(inner), executor_(executor) {}

 private:
  Status Before(const store::StoreCall& call) override {
    const bool is_request =
        call.function != store::StoreFunction::kOpenWriter && call.function != store::StoreFunction::kAppend;
    if (is_request) executor_.SleepUntil(executor_.clock().MonotonicNow() + kTick);
    return Status::OK();
  }

  Executor& executor_;
};

/// An instance with a table of ten files that hold the same keys, on a store whose requests take a tick.
class RequestBudget : public ::testing::Test {
 protected:
  /// What a process holds in memory.
  struct Process {
    explicit Process(RequestBudget& test) : registry(test.metered_, test.clock_, test.random_, test.executor_) {}

    void OpenTable(RequestBudget& test) {
      table = ValueOf(registry.FindTable(kTable, {})).id;
      log = std::make_unique<state::TableLog>(test.metered_, test.clock_, test.random_, test.executor_,
                                              state::LogLayout::ForTable(table), state::LogOptions());
      committer = std::make_unique<state::TableCommitter>(*log);
      files = std::make_unique<query::OpenFiles>(test.metered_, table);
    }

    state::Registry registry;
    model::TableId table;
    std::unique_ptr<state::TableLog> log;
    std::unique_ptr<state::TableCommitter> committer;
    std::unique_ptr<query::OpenFiles> files;
  };

  void SetUp() override {
    InVirtualTime([&] {
      ValueOf(state::CreateInstance(metered_, random_, {}));
      Process process(*this);
      ValueOf(process.registry.CreateTable({.name = kTable,
                                            .definition = {.schema = sim::NumberLayout()->schema(), .properties = {}},
                                            .split_points = {}},
                                           {}));
      process.OpenTable(*this);
      for (int file = 0; file < kFiles; ++file) {
        Ingest(process, file);
        if (file == kFiles - 3) ValueOf(process.log->WriteSnapshot({}));
      }
    });
  }

  /// Runs `body` as a task, to its end.
  void InVirtualTime(const std::function<void()>& body) {
    scheduler_.Start(worker_, body);
    ASSERT_EQ(scheduler_.Run(10'000'000), sim::RunEnd::kAllEnded);
  }

  Cost CostOf(const std::function<void()>& operation) {
    const store::StoreUsage before = meter_.total();
    const Duration start = scheduler_.now();
    operation();
    const store::StoreUsage after = meter_.total();
    const auto count = [&](Verb verb) { return after.requests[verb] - before.requests[verb]; };
    return {.gets = count(Verb::kGet),
            .puts = count(Verb::kPut),
            .lists = count(Verb::kList),
            .others = count(Verb::kHead) + count(Verb::kDelete),
            .round_trips = (scheduler_.now() - start) / kTick};
  }

  void Ingest(Process& process, int number) {
    std::vector<sim::NumberRow> rows;
    for (int64_t key = 0; key < kRowsPerFile; ++key) rows.push_back({key, number * kRowsPerFile + key});
    const ingest::IngestRequest request{.job = model::JobId("job " + std::to_string(number)),
                                        .inputs = {"rows " + std::to_string(number)},
                                        .reading = "rows"};
    const ingest::InputLister lister = [&](const CallContext&) -> Result<std::vector<ingest::InputOpener>> {
      return std::vector<ingest::InputOpener>{sim::InputOf(rows)};
    };
    store::MemoryScratch scratch(int64_t{1} << 30);
    ValueOf(
        ingest::IngestTable({metered_, scratch, executor_, random_, process.table, *process.log, *process.committer},
                            request, ValueOf(model::Properties::Make({})), lister, {}));
  }

  void Compact(Process& process) {
    const auto report =
        ValueOf(compact::CompactTable({metered_, executor_, random_, process.table, *process.log, *process.committer},
                                      {.mode = compact::CompactionMode::kAll,
                                       .properties = ValueOf(model::Properties::Make({})),
                                       .read_ahead = compact::ReadAhead::kYes},
                                      {}));
    ASSERT_EQ(report.files_in, kFiles);
    ASSERT_EQ(report.files_out, 1);
  }

  void LookUp(Process& process, int64_t key, size_t rows_expected) {
    query::QueryRequest request;
    request.keys.push_back(model::EncodeKey(std::vector<model::KeyValue>{key}));
    const auto rows = ValueOf(query::RunQuery({executor_, *process.log, *process.files}, request, {}));
    ASSERT_EQ(ValueOf(sim::ReadAll(*rows)).size(), rows_expected);
  }

  void Check(Process& process, bool deep) {
    const auto report =
        ValueOf(check::CheckTable({metered_, executor_, process.table, *process.log}, {.deep = deep}, {}));
    ASSERT_TRUE(report.ok());
  }

  sim::Trace trace_;
  sim::Scheduler scheduler_{1, Duration(0), trace_};
  sim::Process& worker_ = scheduler_.AddProcess("worker", 1);
  sim::SimClock clock_{scheduler_, Duration(0), Duration(0)};
  sim::SimExecutor executor_{scheduler_, worker_, clock_, kThreads};
  SeededRandom random_{1};
  store::MemoryStore objects_{clock_};
  TickingStore ticking_{objects_, executor_};
  store::StoreMeter meter_;
  store::MeteredStore metered_{ticking_, meter_};
};

/// The line of the table in docs/guide/cost.md.
std::string LineOf(const std::string& operation, const Cost& cost) {
  const store::RequestPrices prices = store::S3StandardPrices();
  const double dollars = static_cast<double>(cost.gets) * prices[Verb::kGet] +
                         static_cast<double>(cost.puts) * prices[Verb::kPut] +
                         static_cast<double>(cost.lists) * prices[Verb::kList];
  return fmt::format("| {} | {} | {} | {} | {} | {:.4f} |", operation, cost.gets, cost.puts, cost.lists,
                     cost.round_trips, 1'000 * dollars);
}

/// Fails unless the page has this line.
void ExpectOnPage(const std::string& operation, const Cost& cost) {
  std::ostringstream page;
  page << std::ifstream(SLEEPER_SOURCE_FOLDER "/docs/guide/cost.md").rdbuf();
  EXPECT_THAT(page.str(), ::testing::HasSubstr(LineOf(operation, cost) + "\n")) << "docs/guide/cost.md is stale";
}

TEST_F(RequestBudget, OfOpeningAnInstanceIsOneGet) {
  InVirtualTime([&] {
    const Cost cost = CostOf([&] { ValueOf(state::OpenInstance(metered_, {})); });
    EXPECT_EQ(cost, (Cost{.gets = 1, .round_trips = 1}));
    ExpectOnPage("Open an instance", cost);
  });
}

TEST_F(RequestBudget, OfOpeningATableIsTwoListingsASnapshotAndTheEntriesBehindItTogether) {
  InVirtualTime([&] {
    Process process(*this);
    const Cost find = CostOf([&] { process.OpenTable(*this); });
    EXPECT_EQ(find, (Cost{.gets = 1, .lists = 2, .round_trips = 3}));
    ExpectOnPage("Find a table by its name, the first time", find);
    const Cost open = CostOf([&] { ValueOf(process.log->Refresh({})); });
    EXPECT_EQ(open, (Cost{.gets = 3, .lists = 2, .round_trips = 4}));
    ExpectOnPage("Read a table's state, the first time, with two entries behind its snapshot", open);
  });
}

TEST_F(RequestBudget, OfLookingWhetherATableHasChangedIsOneListing) {
  InVirtualTime([&] {
    Process process(*this);
    process.OpenTable(*this);
    ValueOf(process.log->Refresh({}));
    const Cost cost = CostOf([&] { ValueOf(process.log->Refresh({})); });
    EXPECT_EQ(cost, (Cost{.lists = 1, .round_trips = 1}));
    ExpectOnPage("Look whether a table has changed", cost);
  });
}

TEST_F(RequestBudget, OfACommitIsOnePutAndOneListing) {
  InVirtualTime([&] {
    Process process(*this);
    process.OpenTable(*this);
    ValueOf(process.log->Refresh({}));
    const Cost cost = CostOf([&] {
      ValueOf(process.committer->Commit(
          state::Transaction(state::RecordJobs{{{.id = model::JobId("a"), .spec_hash = state::SpecHash("s")}}}), {}));
    });
    EXPECT_EQ(cost, (Cost{.puts = 1, .lists = 1, .round_trips = 2}));
    ExpectOnPage("Commit a change", cost);
  });
}

TEST_F(RequestBudget, OfIngestingASmallFileIsItsPutAndACommit) {
  InVirtualTime([&] {
    Process process(*this);
    process.OpenTable(*this);
    ValueOf(process.log->Refresh({}));
    const Cost cost = CostOf([&] { Ingest(process, kFiles); });
    EXPECT_EQ(cost, (Cost{.puts = 2, .lists = 2, .round_trips = 4}));
    ExpectOnPage("Ingest a small file", cost);
  });
}

TEST_F(RequestBudget, OfALookUpIsAListingTheTailsTogetherAndThePagesTogether) {
  InVirtualTime([&] {
    Process process(*this);
    process.OpenTable(*this);
    ValueOf(process.log->Refresh({}));
    const Cost cold = CostOf([&] { LookUp(process, 50, kFiles); });
    EXPECT_EQ(cold, (Cost{.gets = 20, .lists = 1, .round_trips = 3}));
    ExpectOnPage("Look up a key in ten files, the first time", cold);
    const Cost warm = CostOf([&] { LookUp(process, 50, kFiles); });
    EXPECT_EQ(warm, (Cost{.gets = 10, .lists = 1, .round_trips = 2}));
    ExpectOnPage("Look up a key in ten files, again", warm);
    Compact(process);
    const Cost compacted = CostOf([&] { LookUp(process, 50, kFiles); });
    EXPECT_EQ(compacted, (Cost{.gets = 2, .lists = 1, .round_trips = 3}));
    ExpectOnPage("Look up a key in one file, the first time", compacted);
  });
}

TEST_F(RequestBudget, OfCompactingTenFilesIsTheirTailsTogetherTheirPagesTogetherAndTwoCommits) {
  InVirtualTime([&] {
    Process process(*this);
    process.OpenTable(*this);
    ValueOf(process.log->Refresh({}));
    const Cost cost = CostOf([&] { Compact(process); });
    EXPECT_EQ(cost, (Cost{.gets = 2 * kFiles, .puts = 3, .lists = 5, .round_trips = 10}));
    ExpectOnPage("Compact ten small files", cost);
  });
}

TEST_F(RequestBudget, OfACheckIsAListingOfTheDataAndTheLog) {
  InVirtualTime([&] {
    Process process(*this);
    process.OpenTable(*this);
    ValueOf(process.log->Refresh({}));
    const Cost shallow = CostOf([&] { Check(process, false); });
    EXPECT_EQ(shallow, (Cost{.gets = 12, .lists = 6, .round_trips = 8}));
    ExpectOnPage("Check a table of ten files", shallow);
    const Cost deep = CostOf([&] { Check(process, true); });
    EXPECT_EQ(deep.gets, shallow.gets + 2 * kFiles) << "a tail and a read of all pages for each file";
    ExpectOnPage("Check it with `--deep`", deep);
  });
}

TEST_F(RequestBudget, OfAnIdleInstanceIsNothing) {
  InVirtualTime([&] {
    Process process(*this);
    process.OpenTable(*this);
    ValueOf(process.log->Refresh({}));
    LookUp(process, 50, kFiles);
    const store::StoreUsage before = meter_.total();
    executor_.SleepUntil(clock_.MonotonicNow() + std::chrono::hours(24));
    EXPECT_EQ(meter_.total(), before);
  });
}

}  // namespace
}  // namespace sleeper
