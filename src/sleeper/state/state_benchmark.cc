// How a state behaves at the size that it is made for: 132,000 partitions with 30 files each, 4 million files in all;
// and 300,000 references of files that many partitions share.
//
//   state_benchmark [--benchmark_filter=…]
//
// SLEEPER_STATE_PARTITIONS makes the state smaller for a quick look.

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "sleeper/state/packed_file_id.h"
#include "sleeper/state/snapshot.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::state {
namespace {

constexpr int64_t kFilesPerPartition = 30;
constexpr int64_t kPartitionsPerEntry = 2'000;
/// Files that are referenced by several partitions each.
constexpr int64_t kSharedFiles = 1'000;
constexpr int64_t kPartitionsPerSharedFile = 300;

int64_t Partitions() {
  const char* text = std::getenv("SLEEPER_STATE_PARTITIONS");
  return text == nullptr ? 132'000 : std::atoll(text);
}

/// Keys as ten letters, in the normalised form of a string.
std::string KeyOf(uint64_t number) {
  std::string key(12, 'a');
  for (size_t i = 10; i-- > 0; number /= 26) key[i] = static_cast<char>('a' + number % 26);
  key[10] = 0;
  key[11] = 1;
  return key;
}

std::string LowerOf(int64_t partition) {
  return partition == 0 ? std::string() : KeyOf(static_cast<uint64_t>(partition) * 1'000'000'000);
}

NewFile MakeFile(const TableState& state, uint64_t random, int64_t first, int64_t last) {
  NewFile file;
  file.record.birth = state.number();
  file.record.id = PackedFileId::Make(file.record.birth, random * 0x9e3779b97f4a7c15U);
  file.record.size_bytes = 100'000'000 + static_cast<int64_t>(random % 1'000'000);
  file.record.tail_bytes = 150'000;
  file.record.rows = 1'000'000 * (last - first);
  file.record.row_hash = {random * 0xbf58476d1ce4e5b9U, random * 0x94d049bb133111ebU};
  file.record.bounds = {KeyOf(static_cast<uint64_t>(first) * 1'000'000'000 + random % 1'000),
                        KeyOf(static_cast<uint64_t>(last) * 1'000'000'000 - 1 - random % 1'000)};
  for (int64_t partition = first; partition < last; ++partition) {
    IntervalRows slice;
    slice.interval.lower = LowerOf(partition);
    if (partition + 1 < Partitions()) slice.interval.upper = LowerOf(partition + 1);
    slice.rows = 1'000'000;
    file.slices.push_back(std::move(slice));
  }
  return file;
}

TableStatePtr Next(const TableStatePtr& state, const Transaction& transaction) {
  TableTransition transition = Apply(state, transaction, state->number() + 1);
  SLEEPER_CHECK(transition.outcome.applied(), transition.outcome.refusal.ToString());
  return transition.state;
}

/// The large state, made once.
TableStatePtr LargeState() {
  static const TableStatePtr* const state = [] {
    std::vector<model::NormalisedKey> split_points;
    for (int64_t partition = 1; partition < Partitions(); ++partition) split_points.push_back(LowerOf(partition));
    TableStatePtr made = Next(TableState::Empty(), DefineTable{SampleDefinition(), std::move(split_points)});
    uint64_t random = 0;
    for (int64_t first = 0; first < Partitions(); first += kPartitionsPerEntry) {
      AddFiles add{std::nullopt, made->shape_hash(), {}};
      for (int64_t partition = first; partition < std::min(first + kPartitionsPerEntry, Partitions()); ++partition) {
        for (int64_t i = 0; i < kFilesPerPartition; ++i) {
          add.files.push_back(MakeFile(*made, ++random, partition, partition + 1));
        }
      }
      made = Next(made, add);
    }
    AddFiles shared{std::nullopt, made->shape_hash(), {}};
    for (int64_t i = 0; i < kSharedFiles; ++i) {
      const int64_t wide = std::min(kPartitionsPerSharedFile, Partitions() / 2);
      const int64_t first =
          static_cast<int64_t>((static_cast<uint64_t>(i) * 104'729) % static_cast<uint64_t>(Partitions() - wide));
      shared.files.push_back(MakeFile(*made, ++random, first, first + wide));
    }
    made = Next(made, shared);
    return std::make_unique<TableStatePtr>(std::move(made)).release();
  }();
  return *state;
}

std::string LargeSnapshot() {
  const TableStatePtr state = LargeState();
  Snapshot snapshot{{state->number(), RecentIds().With(state->number(), model::EntryId("00000000000000aa"), 1),
                     std::nullopt, state->digest()},
                    TableMachine::Dump(*state)};
  std::string bytes;
  for (const Buffer& piece : EncodeSnapshot(snapshot)) bytes.append(piece.view());
  return bytes;
}

const char* SnapshotFile() { return "/tmp/sleeper_state_benchmark.snapshot"; }

/// Writes the snapshot to a file, for BM_OpenSnapshot in a process of its own.
void BM_WriteSnapshot(benchmark::State& bench) {
  LargeState();
  size_t size = 0;
  for (auto _ : bench) {
    const std::string bytes = LargeSnapshot();
    size = bytes.size();
    std::ofstream(SnapshotFile(), std::ios::binary) << bytes;
  }
  bench.counters["MB"] = static_cast<double>(size) / 1e6;
}
BENCHMARK(BM_WriteSnapshot)->Iterations(1)->Unit(benchmark::kMillisecond);

int64_t PeakMemory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// From the bytes of the object to a state whose digest was checked. Needs the file that BM_WriteSnapshot leaves; run
/// it alone, so that the peak of the memory is its own: --benchmark_filter=BM_OpenSnapshot
void BM_OpenSnapshot(benchmark::State& bench) {
  std::ifstream in(SnapshotFile(), std::ios::binary | std::ios::ate);
  if (!in) {
    bench.SkipWithError("run BM_WriteSnapshot first");
    return;
  }
  std::string file(static_cast<size_t>(in.tellg()), '\0');
  in.seekg(0);
  in.read(file.data(), static_cast<std::streamsize>(file.size()));
  const Buffer bytes = Buffer::FromString(std::move(file));
  SystemClock clock;
  ThreadExecutor executor(static_cast<int>(bench.range(0)), clock);
  int64_t references = 0;
  for (auto _ : bench) {
    const Result<Snapshot> snapshot = DecodeSnapshot(bytes, TableMachine::CheckEntry, executor, "the snapshot");
    SLEEPER_CHECK(snapshot.ok(), snapshot.status().ToString());
    const Result<TableStatePtr> state = TableMachine::Load(snapshot->position.number, snapshot->contents);
    SLEEPER_CHECK(state.ok() && (*state)->digest() == snapshot->position.digest, "the state is another one");
    references = (*state)->totals().references;
  }
  bench.counters["references"] = static_cast<double>(references);
  bench.counters["snapshot_MB"] = static_cast<double>(bytes.size()) / 1e6;
  bench.counters["peak_MB"] = static_cast<double>(PeakMemory()) / 1e3;
}
BENCHMARK(BM_OpenSnapshot)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

/// Adds one file to one partition.
void BM_AddOneFile(benchmark::State& bench) {
  TableStatePtr state = LargeState();
  uint64_t random = 1'000'000'000;
  int64_t written = 0;
  for (auto _ : bench) {
    ++random;
    const auto partition = static_cast<int64_t>(random * 7'919 % static_cast<uint64_t>(Partitions()));
    const AddFiles add{std::nullopt, state->shape_hash(), {MakeFile(*state, random, partition, partition + 1)}};
    TableTransition transition = Apply(state, add, state->number() + 1);
    SLEEPER_CHECK(transition.outcome.applied(), transition.outcome.refusal.ToString());
    written += transition.bytes_written;
    state = std::move(transition.state);
  }
  bench.counters["bytes_copied"] = benchmark::Counter(static_cast<double>(written), benchmark::Counter::kAvgIterations);
}
BENCHMARK(BM_AddOneFile);

/// Splits one partition and merges its halves again.
void BM_SplitAndMerge(benchmark::State& bench) {
  TableStatePtr state = LargeState();
  uint64_t random = 0;
  for (auto _ : bench) {
    const auto at = static_cast<int64_t>(++random * 7'919 % static_cast<uint64_t>(Partitions()));
    const std::string middle = KeyOf(static_cast<uint64_t>(at) * 1'000'000'000 + 500'000'000);
    const model::Partition leaf = state->partitions().Find(middle);
    state = Next(state, SplitPartitions{{{leaf.id, {middle}}}});
    const uint64_t number = state->partitions().next_number();
    state = Next(state, MergePartitions{{{model::MakePartitionId(number - 2), model::MakePartitionId(number - 1)}}});
  }
}
BENCHMARK(BM_SplitAndMerge);

/// What a planner does: all references in key order, without decoding what it does not need.
void BM_ScanReferences(benchmark::State& bench) {
  const TableStatePtr state = LargeState();
  for (auto _ : bench) {
    int64_t rows = 0;
    for (ReferenceCursor at = state->References(); at.valid(); at.Next()) rows += at.rows();
    benchmark::DoNotOptimize(rows);
  }
  bench.SetItemsProcessed(bench.iterations() * state->totals().references);
}
BENCHMARK(BM_ScanReferences)->Unit(benchmark::kMillisecond);

/// The files of one partition with their records: what a query does.
void BM_FilesOfOnePartition(benchmark::State& bench) {
  const TableStatePtr state = LargeState();
  uint64_t random = 0;
  for (auto _ : bench) {
    const std::string key = KeyOf(++random * 7'919 % static_cast<uint64_t>(Partitions()) * 1'000'000'000 + 1);
    benchmark::DoNotOptimize(state->FilesIn({key, key + '\0'}));
  }
}
BENCHMARK(BM_FilesOfOnePartition);

}  // namespace
}  // namespace sleeper::state
