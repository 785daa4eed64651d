// What whole columns cost per row of the reference test row: row hash, keys, order, gathering.

#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/gather.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/columnar/sort_order.h"
#include "sleeper/columnar/testing/batches.h"

namespace sleeper::columnar {
namespace {

constexpr int64_t kRows = 8192;

const Batch& Rows() {
  static const Batch batch = ReferenceRows(kRows, 1);
  return batch;
}

/// Nanoseconds per row.
void ReportPerRow(benchmark::State& state, int64_t rows = kRows) {
  state.counters["per_row"] = benchmark::Counter(
      static_cast<double>(rows), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_RowHash(benchmark::State& state) {
  RowHasher hasher(Rows().shared_layout());
  for (auto _ : state) {
    hasher.Add(Rows());
    benchmark::DoNotOptimize(hasher.sum());
  }
  ReportPerRow(state);
}
BENCHMARK(BM_RowHash);

void BM_EncodeKeys(benchmark::State& state) {
  KeyColumn keys;
  for (auto _ : state) SLEEPER_CHECK(keys.Encode(Rows()).ok(), "encode");
  ReportPerRow(state);
}
BENCHMARK(BM_EncodeKeys);

void BM_CheckOrderInPlace(benchmark::State& state) {
  static const Batch sorted = SortedCopy({&Rows(), 1});
  for (auto _ : state) benchmark::DoNotOptimize(FirstOutOfOrder(sorted));
  ReportPerRow(state);
}
BENCHMARK(BM_CheckOrderInPlace);

void BM_SortOrder(benchmark::State& state) {
  const int64_t rows = state.range(0);
  const Batch batch = ReferenceRows(rows, 1);
  std::vector<KeyColumn> keys(1);
  SLEEPER_CHECK(keys[0].Encode(batch).ok(), "encode");
  for (auto _ : state) benchmark::DoNotOptimize(SortOrder(keys));
  ReportPerRow(state, rows);
}
BENCHMARK(BM_SortOrder)->Arg(1 << 13)->Arg(1 << 20)->Unit(benchmark::kMillisecond);

void BM_GatherInterleaved(benchmark::State& state) {
  std::vector<uint8_t> sources;
  for (int64_t row = 0; row < kRows; ++row) sources.push_back(static_cast<uint8_t>((row * 7 + row / 5) % 8));
  Gather gather(Rows().shared_layout());
  for (auto _ : state) {
    std::vector<Gather::Cursor> cursors(8, {&Rows(), 0});
    SLEEPER_CHECK(gather.AppendInterleaved(cursors, sources).ok(), "gather");
    benchmark::DoNotOptimize(gather.Finish());
  }
  ReportPerRow(state);
}
BENCHMARK(BM_GatherInterleaved);

}  // namespace
}  // namespace sleeper::columnar
