// What writing and reading pages costs, beside libparquet doing the same in the same run: the reference's test row
// (a key of ten random letters, a random int64, ten letters, ten letters or null), sorted, one thread. Rows a second
// are rows a CPU second.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <arrow/array.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <benchmark/benchmark.h>
#include <parquet/column_reader.h>
#include <parquet/column_writer.h>
#include <parquet/file_reader.h>
#include <parquet/file_writer.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/column_page.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/file/file_index.h"
#include "sleeper/file/leaf_reader.h"
#include "sleeper/file/row_group_writer.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::file {
namespace {

constexpr int64_t kRows = 200'000;
const store::ObjectPath kPath("data/file.parquet");

template <typename T>
T Must(Result<T> result) {
  SLEEPER_CHECK(result.ok(), result.status().ToString());
  return std::move(result).ValueUnsafe();
}

void Must(const Status& status) { SLEEPER_CHECK(status.ok(), status.ToString()); }

const columnar::Batch& Rows() {
  static const columnar::Batch batch = [] {
    const columnar::Batch unsorted = columnar::ReferenceRows(kRows, 1);
    return columnar::SortedCopy({&unsorted, 1});
  }();
  return batch;
}

const std::vector<columnar::Batch>& Pieces() {
  static const std::vector<columnar::Batch> pieces = columnar::CutIntoPieces(Rows(), 8192);
  return pieces;
}

void Report(benchmark::State& state, int64_t bytes) {
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * Rows().bytes());
  state.counters["file_bytes_per_row"] = static_cast<double>(bytes) / kRows;
}

void BM_WritePages(benchmark::State& state) {
  RowGroupWriter row_group(Rows().layout().schema(), {});
  int64_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    row_group.Clear();
    for (const columnar::Batch& piece : Pieces()) Must(row_group.Append(piece, 0, piece.rows()));
    for (const WrittenChunk& chunk : Must(row_group.Finish(4))) bytes += chunk.metadata.compressed_bytes;
    benchmark::DoNotOptimize(bytes);
  }
  Report(state, bytes);
}
BENCHMARK(BM_WritePages)->Unit(benchmark::kMillisecond);

std::shared_ptr<parquet::schema::GroupNode> ReferenceSchema() {
  using parquet::LogicalType;
  using parquet::Repetition;
  const auto text = [](const std::string& name, Repetition::type repetition) {
    return parquet::schema::PrimitiveNode::Make(name, repetition, LogicalType::String(), parquet::Type::BYTE_ARRAY);
  };
  parquet::schema::NodeVector fields = {text("key", Repetition::REQUIRED),
                                        parquet::schema::Int64("sort", Repetition::REQUIRED),
                                        text("value", Repetition::REQUIRED), text("nullable", Repetition::OPTIONAL)};
  return std::static_pointer_cast<parquet::schema::GroupNode>(
      parquet::schema::GroupNode::Make("row", Repetition::REQUIRED, fields));
}

std::shared_ptr<parquet::WriterProperties> LibparquetProperties() {
  return parquet::WriterProperties::Builder()
      .version(parquet::ParquetVersion::PARQUET_2_6)
      ->data_page_version(parquet::ParquetDataPageVersion::V2)
      ->compression(parquet::Compression::ZSTD)
      ->compression_level(1)
      ->max_rows_per_page(2048)
      ->disable_dictionary()
      ->disable_statistics()
      ->enable_statistics("key")
      ->encoding("key", parquet::Encoding::DELTA_BYTE_ARRAY)
      ->encoding("sort", parquet::Encoding::PLAIN)
      ->encoding("value", parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY)
      ->encoding("nullable", parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY)
      ->enable_write_page_index()
      ->enable_page_checksum()
      ->build();
}

void WriteText(parquet::ColumnWriter& writer, const arrow::Array& array, bool nullable) {
  const auto& text = static_cast<const arrow::BinaryArray&>(array);
  std::vector<parquet::ByteArray> values;
  std::vector<int16_t> levels;
  for (int64_t row = 0; row < text.length(); ++row) {
    levels.push_back(text.IsValid(row) ? 1 : 0);
    if (text.IsNull(row)) continue;
    const std::string_view value = text.GetView(row);
    values.emplace_back(static_cast<uint32_t>(value.size()), reinterpret_cast<const uint8_t*>(value.data()));
  }
  static_cast<parquet::ByteArrayWriter&>(writer).WriteBatch(text.length(), nullable ? levels.data() : nullptr, nullptr,
                                                            values.data());
}

std::shared_ptr<arrow::Buffer> WriteWithLibparquet() {
  const auto sink = Must(arrow::io::BufferOutputStream::Create());
  const auto writer = parquet::ParquetFileWriter::Open(sink, ReferenceSchema(), LibparquetProperties());
  parquet::RowGroupWriter* const row_group = writer->AppendBufferedRowGroup();
  for (const columnar::Batch& piece : Pieces()) {
    WriteText(*row_group->column(0), *piece.column(0), false);
    static_cast<parquet::Int64Writer*>(row_group->column(1))
        ->WriteBatch(piece.rows(), nullptr, nullptr,
                     static_cast<const arrow::Int64Array&>(*piece.column(1)).raw_values());
    WriteText(*row_group->column(2), *piece.column(2), false);
    WriteText(*row_group->column(3), *piece.column(3), true);
  }
  writer->Close();
  return Must(sink->Finish());
}

void BM_WritePagesLibparquet(benchmark::State& state) {
  int64_t bytes = 0;
  for (auto _ : state) bytes = WriteWithLibparquet()->size();
  Report(state, bytes);
}
BENCHMARK(BM_WritePagesLibparquet)->Unit(benchmark::kMillisecond);

DataFileSummary WriteFile(store::ObjectStore& store, const DataFileSettings& settings = {}) {
  const auto writer = Must(DataFileWriter::Open(store, kPath, Rows().shared_layout(), settings, {}));
  for (const columnar::Batch& piece : Pieces()) Must(writer->Write(piece));
  return Must(writer->Finish());
}

/// The same with the check of the order and the row hash, and what else a file may say of its values.
void BM_WriteFile(benchmark::State& state, const DataFileSettings& settings) {
  const SystemClock clock;
  DataFileSummary summary;
  for (auto _ : state) {
    store::MemoryStore store(clock);
    summary = WriteFile(store, settings);
  }
  Report(state, summary.size_bytes);
  state.counters["tail"] = static_cast<double>(summary.tail_bytes);
}
BENCHMARK_CAPTURE(BM_WriteFile, , DataFileSettings())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_WriteFile, without_value_statistics, DataFileSettings{.value_statistics = false})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_WriteFile, with_value_indexes, DataFileSettings{.value_column_indexes = true})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BM_WriteFile, with_filter_of_keys, DataFileSettings{.bloom_filter_fields = {"key"}})
    ->Unit(benchmark::kMillisecond);

void BM_ReadPages(benchmark::State& state) {
  const SystemClock clock;
  store::MemoryStore store(clock);
  const DataFileSummary summary = WriteFile(store);
  const Buffer bytes = Must(store.Get(kPath, {})).bytes;
  const model::Schema& schema = Rows().layout().schema();
  const FileIndex index = Must(ReadFileIndex(bytes.Slice({summary.size_bytes - summary.tail_bytes, summary.tail_bytes}),
                                             summary.size_bytes, schema));
  const std::vector<Leaf> leaves = LeavesOf(schema);
  PageDecoder decoder;
  ColumnPage page;
  for (auto _ : state) {
    for (const RowGroupIndex& row_group : index.row_groups) {
      for (size_t i = 0; i < leaves.size(); ++i) {
        for (const PageLocation& location : row_group.leaves[i].pages) {
          const Buffer page_bytes = bytes.Slice({location.offset, location.bytes});
          const ParsedPageHeader parsed = Must(ParsePageHeader(page_bytes.span()));
          Must(page.Load({.shape = &leaves[i].shape,
                          .codec = row_group.leaves[i].codec,
                          .header = &parsed.header,
                          .body = page_bytes.span().subspan(static_cast<size_t>(parsed.bytes))},
                         decoder));
          benchmark::DoNotOptimize(page.values());
        }
      }
    }
  }
  Report(state, summary.size_bytes);
}
BENCHMARK(BM_ReadPages)->Unit(benchmark::kMillisecond);

template <typename Leaf>
void ReadColumn(parquet::ColumnReader& column) {
  constexpr int64_t kValues = 1024;
  auto& reader = static_cast<parquet::TypedColumnReader<Leaf>&>(column);
  std::vector<int16_t> levels(kValues);
  std::vector<typename Leaf::c_type> values(kValues);
  while (reader.HasNext()) {
    int64_t read = 0;
    reader.ReadBatch(kValues, levels.data(), nullptr, values.data(), &read);
    benchmark::DoNotOptimize(values.data());
  }
}

void BM_ReadPagesLibparquet(benchmark::State& state) {
  const SystemClock clock;
  store::MemoryStore store(clock);
  const DataFileSummary summary = WriteFile(store);
  const Buffer bytes = Must(store.Get(kPath, {})).bytes;
  const auto buffer = std::make_shared<arrow::Buffer>(bytes.data(), bytes.size());
  for (auto _ : state) {
    const auto file = parquet::ParquetFileReader::Open(std::make_shared<arrow::io::BufferReader>(buffer));
    for (int i = 0; i < file->metadata()->num_row_groups(); ++i) {
      const auto row_group = file->RowGroup(i);
      for (const int text : {0, 2, 3}) ReadColumn<parquet::ByteArrayType>(*row_group->Column(text));
      ReadColumn<parquet::Int64Type>(*row_group->Column(1));
    }
  }
  Report(state, summary.size_bytes);
}
BENCHMARK(BM_ReadPagesLibparquet)->Unit(benchmark::kMillisecond);

/// The whole way to Arrow arrays, with checksums.
void BM_ScanFile(benchmark::State& state) {
  const SystemClock clock;
  store::MemoryStore store(clock);
  const DataFileSummary summary = WriteFile(store);
  const auto reader =
      Must(DataFileReader::Open(store, kPath, summary.size_bytes, summary.tail_bytes, Rows().shared_layout(), {}));
  for (auto _ : state) {
    const auto stream = reader->Scan({}, {});
    while (const auto batch = Must(stream->Next())) benchmark::DoNotOptimize(batch->rows());
  }
  Report(state, summary.size_bytes);
}
BENCHMARK(BM_ScanFile)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sleeper::file
