// A sort in memory and through runs, into a data file that is kept in memory.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <benchmark/benchmark.h>

#include "sleeper/base/check.h"
#include "sleeper/base/executor.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/sort/external_sort.h"
#include "sleeper/store/memory_scratch.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::sort {
namespace {

constexpr int64_t kBatchRows = 16'384;

std::vector<columnar::Batch> Batches(int64_t rows) {
  std::vector<columnar::Batch> batches;
  for (int64_t done = 0; done < rows; done += kBatchRows) {
    batches.push_back(columnar::ReferenceRows(std::min(kBatchRows, rows - done), static_cast<uint64_t>(done)));
  }
  return batches;
}

void SortInto(store::ObjectStore& store, const std::vector<columnar::Batch>& batches, int64_t memory_bytes_max) {
  const SystemClock clock;
  ThreadExecutor executor(2, clock);
  store::MemoryScratch scratch(int64_t{1} << 40);
  const auto layout = columnar::ReferenceLayout();
  const auto sort =
      ExternalSort::Make(layout, {.memory_bytes_max = memory_bytes_max}, scratch, executor, {}).ValueOrDie();
  for (const columnar::Batch& batch : batches) SLEEPER_CHECK(sort->Add(batch).ok(), "rows are refused");
  const auto rows = sort->Finish().ValueOrDie();
  const auto writer = file::DataFileWriter::Open(store, store::ObjectPath("file"), layout, {}, {}).ValueOrDie();
  while (rows->WriteTo(*writer, std::nullopt).ValueOrDie() > 0) {
  }
  SLEEPER_CHECK(writer->Finish().ok(), "the file is refused");
}

/// Arguments: rows, and mebibytes of memory.
void BM_Sort(benchmark::State& state) {
  const std::vector<columnar::Batch> batches = Batches(state.range(0));
  const SystemClock clock;
  for (auto _ : state) {
    store::MemoryStore store(clock);
    SortInto(store, batches, state.range(1) << 20);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Sort)
    ->Args({1'000'000, 1024})
    ->Args({1'000'000, 32})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace sleeper::sort
