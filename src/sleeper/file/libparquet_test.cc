// libparquet, which has nothing of ours in it, and our pages agree on every type, encoding, compression and version of
// pages, both ways.

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/bloom_filter.h>
#include <parquet/bloom_filter_reader.h>
#include <parquet/file_reader.h>
#include <parquet/page_index.h>
#include <parquet/statistics.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/bloom_filter.h"
#include "sleeper/file/column_page.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/file/value_sink.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::file {
namespace {

using columnar::Batch;
using model::ValueOf;

/// Which form a column has.
struct Form {
  const char* name;
  parquet::Encoding::type text;
  parquet::Encoding::type integers;
  bool dictionary;
};

constexpr Form kForms[] = {
    {"plain", parquet::Encoding::PLAIN, parquet::Encoding::PLAIN, false},
    {"delta", parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY, parquet::Encoding::DELTA_BINARY_PACKED, false},
    {"shared prefixes", parquet::Encoding::DELTA_BYTE_ARRAY, parquet::Encoding::DELTA_BINARY_PACKED, false},
    {"split bytes", parquet::Encoding::PLAIN, parquet::Encoding::BYTE_STREAM_SPLIT, false},
    {"dictionary", parquet::Encoding::PLAIN, parquet::Encoding::PLAIN, true},
};

constexpr std::pair<parquet::Compression::type, const char*> kCodecs[] = {
    {parquet::Compression::UNCOMPRESSED, "none"}, {parquet::Compression::SNAPPY, "snappy"},
    {parquet::Compression::GZIP, "gzip"},         {parquet::Compression::LZ4, "lz4"},
    {parquet::Compression::ZSTD, "zstd"},
};

constexpr auto kTextNames = {"k0", "k2", "string", "bytes", "sure_string"};
constexpr auto kIntegerNames = {"k1", "k3", "s0", "s1", "int", "long", "date", "time"};

Batch RandomRows(uint64_t seed, int64_t rows) {
  SeededRandom random(seed);
  return columnar::RandomBatch(columnar::LayoutOfAllTypes(), rows, random);
}

std::shared_ptr<arrow::Buffer> WriteWithLibparquet(const Batch& batch, const Form& form,
                                                   parquet::Compression::type codec, bool v2) {
  parquet::WriterProperties::Builder builder;
  builder.data_page_version(v2 ? parquet::ParquetDataPageVersion::V2 : parquet::ParquetDataPageVersion::V1)
      ->compression(codec)
      ->data_pagesize(600)
      ->write_batch_size(20)
      // Without it, libparquet's pages of version 1 begin inside of rows.
      ->enable_write_page_index()
      ->disable_dictionary();
  if (form.dictionary) builder.enable_dictionary();
  for (const char* const name : kTextNames) builder.encoding(name, form.text);
  for (const char* const name : kIntegerNames) builder.encoding(name, form.integers);
  const auto sink = ValueOf(arrow::io::BufferOutputStream::Create());
  const auto table = ValueOf(arrow::Table::FromRecordBatches({batch.arrow()}));
  const Status written = parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, 150, builder.build());
  SLEEPER_CHECK(written.ok(), written.ToString());
  return ValueOf(sink->Finish());
}

std::span<const uint8_t> SpanOf(const arrow::Buffer& buffer, int64_t begin, int64_t size) {
  return {buffer.data() + begin, static_cast<size_t>(size)};
}

/// The rows of a page as an array of the leaf's values, or of lists of them.
std::shared_ptr<arrow::Array> ArrayOf(const ColumnPage& page, const LeafShape& shape,
                                      const std::shared_ptr<arrow::DataType>& value_type) {
  const auto sink = ValueSink::Make(shape.type, columnar::BufferRecycler::Make());
  SLEEPER_CHECK(sink->Append(page.values(), 0, page.values().count).ok(), "append");
  const auto values = ValueOf(sink->Finish(value_type));
  if (!shape.repeated) return arrow::MakeArray(values);
  const auto offsets =
      arrow::Buffer::FromVector(std::vector<int32_t>(page.row_offsets(), page.row_offsets() + page.rows() + 1));
  std::shared_ptr<arrow::Buffer> validity;
  if (page.valid_rows() != nullptr) {
    validity = ValueOf(arrow::AllocateBitmap(page.rows()));
    for (int64_t row = 0; row < page.rows(); ++row) {
      arrow::bit_util::SetBitTo(const_cast<uint8_t*>(validity->data()), row, page.valid_rows()[row] != 0);
    }
  }
  return arrow::MakeArray(
      arrow::ArrayData::Make(arrow::list(value_type), page.rows(), {validity, offsets}, {values}, page.null_rows()));
}

/// All pages of a column chunk, read by their headers alone.
std::vector<std::shared_ptr<arrow::Array>> ReadChunk(const arrow::Buffer& file, const ColumnChunkMetadata& chunk,
                                                     const LeafShape& shape,
                                                     const std::shared_ptr<arrow::DataType>& value_type) {
  PageDecoder decoder;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  std::shared_ptr<ColumnPage> dictionary;
  int64_t at = chunk.dictionary_page_offset != 0 ? chunk.dictionary_page_offset : chunk.data_page_offset;
  const int64_t end = at + chunk.compressed_bytes;
  while (at < end) {
    const ParsedPageHeader parsed = ValueOf(ParsePageHeader(SpanOf(file, at, end - at)));
    EncodedPage encoded{.shape = &shape,
                        .codec = chunk.codec,
                        .header = &parsed.header,
                        .body = SpanOf(file, at + parsed.bytes, parsed.header.compressed_bytes),
                        .dictionary = dictionary};
    auto page = std::make_shared<ColumnPage>();
    const Status loaded = page->Load(encoded, decoder);
    SLEEPER_CHECK(loaded.ok(), loaded.ToString());
    if (parsed.header.type == PageType::kDictionary) {
      dictionary = std::move(page);
    } else {
      arrays.push_back(ArrayOf(*page, shape, value_type));
    }
    at += parsed.bytes + parsed.header.compressed_bytes;
  }
  return arrays;
}

/// A batch's column as a leaf has it: of a map, the lists of its keys or of its values.
std::shared_ptr<arrow::Array> ExpectedLeaf(const Batch& batch, const Leaf& leaf) {
  const auto column = batch.column(leaf.field);
  if (column->type_id() != arrow::Type::MAP) return column;
  const auto& map = static_cast<const arrow::MapArray&>(*column);
  const auto values = leaf.path.back() == "key" ? map.keys() : map.items();
  return arrow::MakeArray(arrow::ArrayData::Make(arrow::list(values->type()), map.length(),
                                                 {map.null_bitmap(), map.value_offsets()}, {values->data()},
                                                 arrow::kUnknownNullCount, map.offset()));
}

void ExpectReadsBack(const Batch& batch, const arrow::Buffer& file) {
  int32_t footer_bytes = 0;
  std::memcpy(&footer_bytes, file.data() + file.size() - 8, sizeof footer_bytes);
  const ParquetMetadata metadata =
      ValueOf(ParseParquetMetadata(SpanOf(file, file.size() - 8 - footer_bytes, footer_bytes)));
  EXPECT_EQ(metadata.rows, batch.rows());
  const std::vector<Leaf> leaves = LeavesOf(batch.layout().schema());
  for (size_t i = 0; i < leaves.size(); ++i) {
    const Leaf& leaf = leaves[i];
    const auto expected = ExpectedLeaf(batch, leaf);
    const auto value_type = leaf.shape.repeated ? expected->type()->field(0)->type() : expected->type();
    arrow::ArrayVector arrays;
    for (const RowGroupMetadata& row_group : metadata.row_groups) {
      EXPECT_EQ(row_group.columns[i].path, leaf.path);
      for (auto& array : ReadChunk(file, row_group.columns[i], leaf.shape, value_type)) arrays.push_back(array);
    }
    const auto found = ValueOf(arrow::Concatenate(arrays));
    EXPECT_TRUE(found->ValidateFull().ok()) << leaf.path[0];
    EXPECT_TRUE(found->Equals(*expected, arrow::EqualOptions::Defaults().nans_equal(true)))
        << "leaf " << i << " of field " << leaf.path[0];
  }
}

TEST(LibparquetTest, WhatItWritesIsReadByUsInEveryForm) {
  uint64_t seed = 0;
  for (const Form& form : kForms) {
    for (const bool v2 : {false, true}) {
      // One compression after the other, so that each meets several forms.
      const auto& [codec, codec_name] = kCodecs[seed % std::size(kCodecs)];
      SCOPED_TRACE(std::string(form.name) + ", " + codec_name + ", version " + (v2 ? "2" : "1") + ", seed " +
                   std::to_string(seed));
      const Batch batch = RandomRows(seed++, 150);
      ExpectReadsBack(batch, *WriteWithLibparquet(batch, form, codec, v2));
    }
  }
}

/// Half of the fields.
std::vector<std::string> RandomNames(Random& random) {
  const auto layout = columnar::LayoutOfAllTypes();
  std::vector<std::string> names;
  for (const model::Field& field : layout->schema().fields()) {
    if (random.Below(2) == 0) names.push_back(field.name);
  }
  return names;
}

DataFileSettings RandomSettings(Random& random) {
  const auto encoding = [&] { return static_cast<model::FieldEncoding>(random.Below(4)); };
  return {.row_group_rows_max = static_cast<int64_t>(1 + random.Below(300)),
          .page_rows_max = static_cast<int64_t>(1 + random.Below(100)),
          .page_bytes_max = static_cast<int64_t>(10 + random.Below(2000)),
          .codec = static_cast<model::CompressionCodec>(random.Below(5)),
          .row_key_encoding = encoding(),
          .sort_key_encoding = encoding(),
          .value_encoding = encoding(),
          .value_statistics = random.Below(4) > 0,
          .statistics_bytes_max = static_cast<int64_t>(1 + random.Below(10)),
          .value_column_indexes = random.Below(2) == 0,
          .column_index_bytes_max = static_cast<int64_t>(1 + random.Below(10)),
          .bloom_filter_fields = RandomNames(random),
          .bloom_filter_bits = static_cast<int64_t>(4 + random.Below(30))};
}

/// A value as Parquet encodes it plainly; nothing for a null.
std::optional<std::string> PlainOf(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) return std::nullopt;
  const arrow::ArrayData& data = *array.data();
  if (array.type_id() == arrow::Type::BOOL) {
    return std::string(1, static_cast<const arrow::BooleanArray&>(array).Value(row) ? '\1' : '\0');
  }
  if (arrow::is_binary_like(array.type_id())) {
    return std::string(static_cast<const arrow::BinaryArray&>(array).GetView(row));
  }
  const auto width = static_cast<size_t>(array.type()->byte_width());
  return std::string(
      reinterpret_cast<const char*>(data.buffers[1]->data()) + static_cast<size_t>(data.offset + row) * width, width);
}

/// Whether a plain value is less than another one, by the order that Parquet has for the type.
bool IsLess(const arrow::DataType& type, const std::string& left, const std::string& right) {
  const auto less = [&]<typename T>(T) {
    T values[2];
    std::memcpy(&values[0], left.data(), sizeof(T));
    std::memcpy(&values[1], right.data(), sizeof(T));
    return values[0] < values[1];
  };
  switch (type.id()) {
    case arrow::Type::INT32:
    case arrow::Type::DATE32:
      return less(int32_t{});
    case arrow::Type::INT64:
    case arrow::Type::TIMESTAMP:
      return less(int64_t{});
    case arrow::Type::FLOAT:
      return less(float{});
    case arrow::Type::DOUBLE:
      return less(double{});
    default:
      return left < right;
  }
}

/// What libparquet finds said of rows [begin, end) of a column; `any` is raised if there are bounds.
void ExpectBounds(const arrow::Array& rows, int64_t begin, int64_t end, const std::optional<std::string>& min,
                  const std::optional<std::string>& max, int64_t nulls, bool* any) {
  int64_t found_nulls = 0;
  for (int64_t row = begin; row < end; ++row) {
    const std::optional<std::string> value = PlainOf(rows, row);
    found_nulls += value ? 0 : 1;
    if (!value) continue;
    EXPECT_FALSE(min && IsLess(*rows.type(), *value, *min)) << "row " << row;
    EXPECT_FALSE(max && IsLess(*rows.type(), *max, *value)) << "row " << row;
    *any |= min && max;
  }
  EXPECT_EQ(nulls, found_nulls);
}

/// libparquet's view of statistics and column indexes holds for all rows.
void ExpectBoundsHold(const Batch& batch, parquet::ParquetFileReader& file) {
  const std::vector<Leaf> leaves = LeavesOf(batch.layout().schema());
  bool any = false;
  int64_t begin = 0;
  const auto index_reader = file.GetPageIndexReader();
  for (int group = 0; group < file.metadata()->num_row_groups(); ++group) {
    const auto metadata = file.metadata()->RowGroup(group);
    const auto indexes = index_reader->RowGroup(group);
    for (size_t i = 0; i < leaves.size(); ++i) {
      if (leaves[i].shape.repeated) continue;
      SCOPED_TRACE("row group " + std::to_string(group) + ", field " + leaves[i].path[0]);
      const arrow::Array& rows = *batch.column(leaves[i].field);
      const auto statistics = metadata->ColumnChunk(static_cast<int>(i))->encoded_statistics();
      if (statistics != nullptr) {
        const auto bound = [](bool has, const std::string& value) { return has ? std::optional(value) : std::nullopt; };
        ExpectBounds(rows, begin, begin + metadata->num_rows(), bound(statistics->has_min, statistics->min()),
                     bound(statistics->has_max, statistics->max()), statistics->null_count, &any);
        // What is said to be a value is one.
        for (const auto& [exact, value] : {std::pair(statistics->is_min_value_exact, statistics->min()),
                                           std::pair(statistics->is_max_value_exact, statistics->max())}) {
          if (!exact.value_or(false) || !arrow::is_binary_like(rows.type_id())) continue;
          bool found = false;
          for (int64_t row = begin; row < begin + metadata->num_rows(); ++row) found |= PlainOf(rows, row) == value;
          EXPECT_TRUE(found) << value;
        }
      }
      const auto index = indexes->GetColumnIndex(static_cast<int>(i));
      if (index == nullptr) continue;
      const auto offset_index = indexes->GetOffsetIndex(static_cast<int>(i));
      const auto& pages = offset_index->page_locations();
      for (size_t page = 0; page < pages.size(); ++page) {
        const int64_t end = page + 1 < pages.size() ? pages[page + 1].first_row_index : metadata->num_rows();
        const bool null = index->null_pages()[page];
        ExpectBounds(rows, begin + pages[page].first_row_index, begin + end,
                     null ? std::nullopt : std::optional(index->encoded_min_values()[page]),
                     null ? std::nullopt : std::optional(index->encoded_max_values()[page]), index->null_counts()[page],
                     &any);
      }
    }
    begin += metadata->num_rows();
  }
  EXPECT_TRUE(any);
}

/// libparquet finds every value in the Bloom filters of its column. Returns how many filters there are.
int64_t ExpectFiltersHold(const Batch& batch, parquet::ParquetFileReader& file) {
  const std::vector<Leaf> leaves = LeavesOf(batch.layout().schema());
  int64_t filters = 0;
  int64_t begin = 0;
  for (int group = 0; group < file.metadata()->num_row_groups(); ++group) {
    const int64_t end = begin + file.metadata()->RowGroup(group)->num_rows();
    const auto reader = file.GetBloomFilterReader().RowGroup(group);
    for (size_t i = 0; i < leaves.size(); ++i) {
      const auto filter = reader == nullptr ? nullptr : reader->GetColumnBloomFilter(static_cast<int>(i));
      if (filter == nullptr) continue;
      ++filters;
      const arrow::Array& rows = *batch.column(leaves[i].field);
      for (int64_t row = begin; row < end; ++row) {
        const std::optional<std::string> value = PlainOf(rows, row);
        if (!value) continue;
        const uint64_t hash = BloomHashOf({reinterpret_cast<const uint8_t*>(value->data()), value->size()});
        EXPECT_TRUE(filter->FindHash(hash)) << leaves[i].path[0] << ", row " << row;
        EXPECT_TRUE(!arrow::is_binary_like(rows.type_id()) || hash == filter->Hash(std::string_view(*value)));
      }
    }
    begin = end;
  }
  return filters;
}

TEST(LibparquetTest, ItMakesTheSameBloomFilterOfTheSameValues) {
  SeededRandom random(1);
  PageRows rows({.type = PhysicalType::kInt64});
  parquet::BlockSplitBloomFilter theirs;
  theirs.Init(1024);
  for (; rows.rows < 800; ++rows.rows, ++rows.slots) {
    const auto value = static_cast<int64_t>(random.Next());
    rows.fixed.Append({reinterpret_cast<const uint8_t*>(&value), sizeof value});
    theirs.InsertHash(theirs.Hash(value));
  }
  BloomFilterBuilder builder(10);
  builder.AddPage(rows);
  const std::vector<uint8_t> ours = builder.Finish();
  const auto sink = ValueOf(arrow::io::BufferOutputStream::Create());
  theirs.WriteTo(sink.get());
  const auto written = ValueOf(sink->Finish());
  const std::span<const uint8_t> bytes = SpanOf(*written, 0, written->size());
  EXPECT_TRUE(CheckBloomFilter(bytes).ok());
  EXPECT_EQ(ours, std::vector<uint8_t>(bytes.end() - 1024, bytes.end()));
}

TEST(LibparquetTest, ItReadsWhatWeWriteWithAnySettings) {
  int64_t filters = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const Batch unsorted = RandomRows(seed, static_cast<int64_t>(1 + random.Below(200)));
    // Arrays that begin inside of longer ones, as those of slices do.
    const Batch batch = columnar::WithOffsets(columnar::SortedCopy({&unsorted, 1}));
    const SystemClock clock;
    store::MemoryStore store(clock);
    const store::ObjectPath path("file");
    const auto writer = ValueOf(DataFileWriter::Open(store, path, batch.shared_layout(), RandomSettings(random), {}));
    for (const Batch& piece : columnar::CutIntoPieces(batch, static_cast<int64_t>(1 + random.Below(200)))) {
      ASSERT_TRUE(writer->Write(piece).ok());
    }
    ASSERT_TRUE(writer->Finish().ok());

    const Buffer bytes = ValueOf(store.Get(path, {})).bytes;
    const auto buffer = std::make_shared<arrow::Buffer>(bytes.data(), bytes.size());
    parquet::ReaderProperties properties;
    properties.set_page_checksum_verification(true);
    parquet::arrow::FileReaderBuilder builder;
    ASSERT_TRUE(builder.Open(std::make_shared<arrow::io::BufferReader>(buffer), properties).ok());
    std::unique_ptr<parquet::arrow::FileReader> reader;
    ASSERT_TRUE(builder.Build(&reader).ok());
    ExpectBoundsHold(batch, *reader->parquet_reader());
    filters += ExpectFiltersHold(batch, *reader->parquet_reader());
    const auto table = ValueOf(reader->ReadTable());
    for (int i = 0; i < batch.layout().columns(); ++i) {
      const auto found = ValueOf(arrow::Concatenate(table->column(i)->chunks()));
      EXPECT_TRUE(found->Equals(*batch.column(i), arrow::EqualOptions::Defaults().nans_equal(true)))
          << batch.layout().field(i).name;
    }
    ExpectReadsBack(batch, *buffer);
  }
  EXPECT_GT(filters, 10);
}

}  // namespace
}  // namespace sleeper::file
