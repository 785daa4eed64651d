#include <string>

#include <benchmark/benchmark.h>

#include "sleeper/base/check.h"
#include "sleeper/base/random.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/exchange/testing/text_rows.h"

// Rows per second into batches of the reference's test row: a key of 10 letters, a number, 10 letters, and 10 letters
// or, one time in five, null.

namespace sleeper::exchange {
namespace {

constexpr int kRows = 100'000;

std::shared_ptr<const columnar::Layout> TestLayout() {
  return LayoutOf("key StringType key, sort LongType, value StringType, maybe StringType nullable");
}

std::vector<columnar::Batch> TestRows() {
  SeededRandom random(1);
  std::string csv = "key,sort,value,maybe\n";
  const auto letters = [&] {
    std::string text;
    for (int i = 0; i < 10; ++i) text += static_cast<char>('a' + random.Below(26));
    return text;
  };
  for (int row = 0; row < kRows; ++row) {
    csv += letters() + "," + std::to_string(static_cast<int64_t>(random.Next())) + "," + letters() + "," +
           (random.Below(5) == 0 ? "" : letters()) + "\n";
  }
  auto batches = ReadBatches(std::move(csv), {.format = InputFormat::kCsv}, TestLayout());
  SLEEPER_CHECK(batches.ok(), batches.status().ToString());
  return *batches;
}

void Read(benchmark::State& state, InputFormat in, OutputFormat out, FlatPages flat_pages = FlatPages::kOwn) {
  const auto layout = TestLayout();
  const auto bytes = WriteBatches(TestRows(), {.format = out}, layout);
  SLEEPER_CHECK(bytes.ok(), bytes.status().ToString());
  const Buffer file = Buffer::FromString(*bytes);
  for ([[maybe_unused]] auto step : state) {
    auto reader = OpenInput(MakeBufferSource(file, "input"), {.format = in, .flat_pages = flat_pages}, layout, {});
    SLEEPER_CHECK(reader.ok(), reader.status().ToString());
    // One batch at a time, as an ingest takes them.
    for (;;) {
      auto batch = (*reader)->Next();
      SLEEPER_CHECK(batch.ok(), batch.status().ToString());
      if (!*batch) break;
      benchmark::DoNotOptimize(batch);
    }
  }
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * file.size());
}

void Write(benchmark::State& state, OutputFormat out) {
  const auto layout = TestLayout();
  const std::vector<columnar::Batch> batches = TestRows();
  for ([[maybe_unused]] auto step : state) {
    auto bytes = WriteBatches(batches, {.format = out}, layout);
    SLEEPER_CHECK(bytes.ok(), bytes.status().ToString());
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * kRows);
}

BENCHMARK_CAPTURE(Read, Parquet, InputFormat::kParquet, OutputFormat::kParquet);
BENCHMARK_CAPTURE(Read, ParquetByLibrary, InputFormat::kParquet, OutputFormat::kParquet, FlatPages::kLibrary);
BENCHMARK_CAPTURE(Read, Arrow, InputFormat::kArrow, OutputFormat::kArrow);
BENCHMARK_CAPTURE(Read, Csv, InputFormat::kCsv, OutputFormat::kCsv);
BENCHMARK_CAPTURE(Read, JsonLines, InputFormat::kJsonLines, OutputFormat::kJsonLines);
BENCHMARK_CAPTURE(Write, Parquet, OutputFormat::kParquet);
BENCHMARK_CAPTURE(Write, Arrow, OutputFormat::kArrow);
BENCHMARK_CAPTURE(Write, Csv, OutputFormat::kCsv);
BENCHMARK_CAPTURE(Write, JsonLines, OutputFormat::kJsonLines);
BENCHMARK_CAPTURE(Write, Table, OutputFormat::kTable);

}  // namespace
}  // namespace sleeper::exchange
