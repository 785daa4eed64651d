// Merging straight from pages to pages gives what merging batches gives.

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/background_reads.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/file/page_header.h"
#include "sleeper/file/page_input.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/rows/merge.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::file {
namespace {

using columnar::Batch;
using columnar::BatchOf;
using columnar::TextOf;
using model::Fails;
using model::ValueOf;
using testing::AllOf;
using testing::HasSubstr;

std::shared_ptr<const columnar::Layout> FlatLayout() {
  static const auto layout = columnar::LayoutOf(R"({
      "rowKeyFields": [{"name": "text", "type": "StringType"}, {"name": "day", "type": "DateType"}],
      "sortKeyFields": [{"name": "number", "type": "LongType"}, {"name": "raw", "type": "ByteArrayType"}],
      "valueFields": [{"name": "i", "type": "IntType"}, {"name": "ni", "type": "IntType", "nullable": true},
                      {"name": "l", "type": "LongType", "nullable": true}, {"name": "b", "type": "BooleanType"},
                      {"name": "nb", "type": "BooleanType", "nullable": true}, {"name": "f", "type": "FloatType"},
                      {"name": "d", "type": "DoubleType", "nullable": true}, {"name": "s", "type": "StringType"},
                      {"name": "ns", "type": "StringType", "nullable": true},
                      {"name": "t", "type": "TimestampType", "nullable": true}]})");
  return layout;
}

/// Lists and maps of all kinds of elements, null lists and lists that never are.
std::shared_ptr<const columnar::Layout> NestedLayout() {
  static const auto layout = columnar::LayoutOf(R"({
      "rowKeyFields": [{"name": "key", "type": "LongType"}],
      "valueFields": [
          {"name": "ls", "type": {"ListType": {"elementType": "StringType"}}, "nullable": true},
          {"name": "li", "type": {"ListType": {"elementType": "IntType"}}},
          {"name": "msl", "type": {"MapType": {"keyType": "StringType", "valueType": "LongType"}}, "nullable": true},
          {"name": "flat", "type": "StringType", "nullable": true},
          {"name": "lb", "type": {"ListType": {"elementType": "BooleanType"}}, "nullable": true},
          {"name": "lf", "type": {"ListType": {"elementType": "FloatType"}}, "nullable": true},
          {"name": "mis", "type": {"MapType": {"keyType": "IntType", "valueType": "StringType"}}},
          {"name": "mbd", "type": {"MapType": {"keyType": "ByteArrayType", "valueType": "DoubleType"}}},
          {"name": "mtb", "type": {"MapType": {"keyType": "TimestampType", "valueType": "BooleanType"}},
           "nullable": true},
          {"name": "ld", "type": {"ListType": {"elementType": "DateType"}}}]})");
  return layout;
}

Batch SortedRows(const std::shared_ptr<const columnar::Layout>& layout, int64_t rows, Random& random) {
  const Batch unsorted = columnar::RandomBatch(layout, rows, random);
  return columnar::SortedCopy({&unsorted, 1});
}

constexpr std::array kCodecs = {model::CompressionCodec::kZstd, model::CompressionCodec::kUncompressed,
                                model::CompressionCodec::kSnappy, model::CompressionCodec::kLz4,
                                model::CompressionCodec::kGzip};

/// Pages that end where they like: aligned or not, short or long.
DataFileSettings RandomSettings(Random& random) {
  DataFileSettings settings;
  settings.page_rows_max = random.Below(2) == 0 ? 2048 : 1 + static_cast<int64_t>(random.Below(60));
  settings.page_bytes_max = random.Below(2) == 0 ? 128 << 10 : 1 + static_cast<int64_t>(random.Below(500));
  settings.row_group_rows_max = 1 + static_cast<int64_t>(random.Below(400));
  if (random.Below(3) == 0) settings.value_encoding = model::FieldEncoding::kDictionary;
  if (random.Below(4) == 0) settings.value_encoding = model::FieldEncoding::kPlain;
  settings.codec = kCodecs[random.Below(kCodecs.size())];
  settings.value_column_indexes = random.Below(2) == 0;
  return settings;
}

class PageMergeTest : public testing::Test {
 protected:
  std::shared_ptr<const DataFileReader> WriteFile(const Batch& rows, const DataFileSettings& settings) {
    const store::ObjectPath path("data/" + std::to_string(files_++) + ".parquet");
    auto writer = ValueOf(DataFileWriter::Open(store_, path, rows.shared_layout(), settings, {}));
    SLEEPER_CHECK(writer->Write(rows).ok(), "write");
    return Reopen(path, ValueOf(writer->Finish()), rows.shared_layout());
  }

  std::shared_ptr<const DataFileReader> Reopen(const store::ObjectPath& path, const DataFileSummary& summary,
                                               const std::shared_ptr<const columnar::Layout>& layout) {
    return ValueOf(DataFileReader::Open(store_, path, summary.size_bytes, summary.tail_bytes, layout, {}));
  }

  struct Merged {
    DataFileSummary summary;
    store::ObjectPath path;
    std::shared_ptr<const DataFileReader> file;
    std::vector<model::RowHash> hashes;
    /// The rows of the longest step.
    int64_t step_rows_most = 0;
  };

  /// Windows of few bytes, read ahead of need if there is something to read them.
  struct Reading {
    int64_t window_bytes_max = 4 << 20;
    int64_t bytes_ahead_max = 0;
    BackgroundReads* background = nullptr;
  };

  Result<Merged> Merge(const std::vector<std::shared_ptr<const DataFileReader>>& files,
                       const model::KeyInterval& interval, const DataFileSettings& settings, const Reading& reading) {
    std::vector<std::unique_ptr<PageInput>> inputs;
    std::vector<PageInput*> heads;
    const auto decoder = MakePageDecoder();
    rows::MergePlan plan(static_cast<int>(files.size()));
    size_t open = 0;
    const auto refill = [&](size_t i) -> Status {
      if (reading.background != nullptr) inputs[i]->ReadAhead(reading.bytes_ahead_max);
      TRY_ASSIGN(const bool more, inputs[i]->Next());
      if (more) return plan.Feed(static_cast<int>(i), inputs[i]->keys());
      heads[i] = nullptr;
      --open;
      plan.End(static_cast<int>(i));
      return Status::OK();
    };
    for (const auto& file : files) {
      TRY_ASSIGN(inputs.emplace_back(), file->OpenPages({.interval = interval,
                                                         .window_bytes_max = reading.window_bytes_max,
                                                         .hashed = true,
                                                         .background = reading.background,
                                                         .decoder = decoder},
                                                        {}));
      heads.push_back(inputs.back().get());
      ++open;
      TRY(refill(heads.size() - 1));
    }
    const store::ObjectPath path("data/merged-" + std::to_string(files_++) + ".parquet");
    TRY_ASSIGN(auto writer, DataFileWriter::Open(store_, path, files[0]->layout(), settings, {}));
    Merged merged;
    while (open > 0) {
      const rows::MergeStep step = plan.Next(writer->step_rows_max());
      merged.step_rows_most = std::max(merged.step_rows_most, step.rows());
      TRY(writer->Write(heads, step));
      if (step.starved_input >= 0) TRY(refill(static_cast<size_t>(step.starved_input)));
    }
    TRY_ASSIGN(merged.summary, writer->Finish());
    merged.path = path;
    merged.file = Reopen(path, merged.summary, files[0]->layout());
    for (const auto& input : inputs) merged.hashes.push_back(input->row_hash());
    return merged;
  }

  static std::vector<Batch> Rows(const DataFileReader& file, const model::KeyInterval& interval) {
    ScanRequest request;
    request.intervals = {interval};
    return ValueOf(rows::Collect(*file.Scan(request, {})));
  }

  static model::RowHash HashOf(const std::vector<Batch>& batches) {
    if (batches.empty()) return {};
    columnar::RowHasher hasher(batches[0].shared_layout());
    for (const Batch& batch : batches) hasher.Add(batch);
    return hasher.sum();
  }

  store::MemoryStore store_{clock_};
  ThreadExecutor executor_{1, clock_};
  int files_ = 0;

 private:
  static inline SystemClock clock_;
};

TEST_F(PageMergeTest, GivesTheRowsOfAMergeOfBatches) {
  for (uint64_t seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::array layouts = {FlatLayout(), NestedLayout(), columnar::LayoutOfAllTypes()};
    const std::shared_ptr<const columnar::Layout>& layout = layouts[seed / 2 % layouts.size()];
    SeededRandom random(seed);
    std::vector<std::shared_ptr<const DataFileReader>> files;
    std::vector<std::unique_ptr<rows::RowStream>> streams;
    model::KeyInterval interval;
    const auto count = 1 + random.Below(5);
    for (uint64_t i = 0; i < count; ++i) {
      files.push_back(
          WriteFile(SortedRows(layout, 1 + static_cast<int64_t>(random.Below(200)), random), RandomSettings(random)));
    }
    if (seed % 2 == 1) {
      interval.lower = files[0]->summary().bounds.min;
      interval.upper = files[random.Below(count)]->page_keys().back().key;
      if (*interval.upper <= interval.lower) interval.upper.reset();
    }
    for (const auto& file : files) {
      ScanRequest request;
      request.intervals = {interval};
      streams.push_back(file->Scan(request, {}));
    }
    const std::vector<Batch> expected = ValueOf(rows::Collect(*rows::Merge(layout, std::move(streams))));
    BackgroundReads background(store_, executor_, 1 + random.Below(3));
    Reading reading{.window_bytes_max = 1 + static_cast<int64_t>(random.Below(5'000)),
                    .bytes_ahead_max = static_cast<int64_t>(random.Below(20'000))};
    if (random.Below(3) > 0) reading.background = &background;
    const Merged merged = ValueOf(Merge(files, interval, RandomSettings(random), reading));
    EXPECT_EQ(TextOf(Rows(*merged.file, model::KeyInterval::All())), TextOf(expected));
    EXPECT_EQ(merged.summary.row_hash, HashOf(expected));
    columnar::KeyColumn keys;
    ASSERT_TRUE(keys.Encode(expected.front()).ok());
    EXPECT_EQ(merged.summary.bounds.min, keys.row_key(0));
    ASSERT_TRUE(keys.Encode(expected.back()).ok());
    EXPECT_EQ(merged.summary.bounds.max, keys.row_key(keys.rows() - 1));
    for (size_t i = 0; i < files.size(); ++i) EXPECT_EQ(merged.hashes[i], HashOf(Rows(*files[i], interval)));
  }
}

/// Rows of keys `begin`, `begin` + 2, …, with a string and lists of the sizes that `size_of(row)` says.
template <typename SizeOf>
Batch RowsOfSizes(int64_t begin, int64_t rows, SizeOf size_of) {
  static const auto layout = columnar::LayoutOf(R"({
      "rowKeyFields": [{"name": "key", "type": "LongType"}],
      "valueFields": [{"name": "text", "type": "StringType"},
                      {"name": "list", "type": {"ListType": {"elementType": "LongType"}}},
                      {"name": "map", "type": {"MapType": {"keyType": "StringType", "valueType": "IntType"}}}]})");
  std::string keys;
  std::string texts;
  std::string lists;
  std::string maps;
  for (int64_t row = 0; row < rows; ++row) {
    const std::string comma = row > 0 ? "," : "";
    const int64_t size = size_of(row);
    keys += comma + std::to_string(begin + 2 * row);
    texts += comma + "\"" + std::string(static_cast<size_t>(size), 'x') + "\"";
    lists += comma + "[";
    maps += comma + "[";
    for (int64_t i = 0; i < size; ++i) {
      lists += (i > 0 ? "," : "") + std::to_string(i);
      maps += std::string(i > 0 ? "," : "") + "[\"" + std::to_string(i) + "\",null]";
    }
    lists += "]";
    maps += "]";
  }
  return BatchOf(layout, {"[" + keys + "]", "[" + texts + "]", "[" + lists + "]", "[" + maps + "]"});
}

TEST_F(PageMergeTest, EndsPagesBehindTheRowThatFillsThemHoweverLongRowsSuddenlyAre) {
  // Short rows, among which nothing foretells the long ones behind them.
  const auto size_of = [](int64_t row) { return row < 600 ? row % 2 : 1'000; };
  const DataFileSettings of_inputs{.page_bytes_max = 1 << 20};
  // Plain, so that the size of a page tells what it holds.
  const DataFileSettings settings{.page_bytes_max = 6 << 10,
                                  .codec = model::CompressionCodec::kUncompressed,
                                  .value_encoding = model::FieldEncoding::kPlain};
  for (const int64_t second : {1, 5'000}) {
    SCOPED_TRACE(second == 1 ? "interleaved" : "one behind the other");
    const auto first_file = WriteFile(RowsOfSizes(0, 640, size_of), of_inputs);
    const auto second_file = WriteFile(RowsOfSizes(second, 640, size_of), of_inputs);
    const Merged merged = ValueOf(Merge({first_file, second_file}, model::KeyInterval::All(), settings, {}));
    EXPECT_EQ(merged.summary.rows, 1'280);
    const ParquetMetadata& footer = merged.file->footer();
    ASSERT_EQ(footer.row_groups.size(), 1U);
    const Buffer bytes = ValueOf(store_.Get(merged.path, {})).bytes;
    for (const ColumnChunkMetadata& column : footer.row_groups[0].columns) {
      int64_t at = column.data_page_offset;
      while (at < column.data_page_offset + column.compressed_bytes) {
        const ParsedPageHeader page = ValueOf(ParsePageHeader(bytes.span().subspan(static_cast<size_t>(at))));
        // What was there before, and one row more: 1,000 elements of 8 bytes with levels.
        EXPECT_LE(page.header.uncompressed_bytes, settings.page_bytes_max + 1'000 * 9) << column.path[0];
        at += page.bytes + page.header.compressed_bytes;
      }
    }
  }
}

TEST_F(PageMergeTest, TakesNoMoreRowsAtATimeThanThePagesAtHandHold) {
  const auto size_of = [](int64_t) { return 100; };
  DataFileSettings settings;
  settings.page_bytes_max = 8 << 10;
  const auto first = WriteFile(RowsOfSizes(0, 500, size_of), settings);
  const auto second = WriteFile(RowsOfSizes(1, 500, size_of), settings);
  const Merged merged = ValueOf(Merge({first, second}, model::KeyInterval::All(), settings, {}));
  // A page of a list of a hundred longs has eleven rows.
  EXPECT_LE(merged.step_rows_most, 2 * 11);
  EXPECT_EQ(merged.summary.row_hash, first->summary().row_hash + second->summary().row_hash);
}

TEST_F(PageMergeTest, NamesTheFileAndTheFieldOfADamagedPage) {
  SeededRandom random(5);
  const auto good = WriteFile(SortedRows(FlatLayout(), 200, random), {});
  const auto bad = WriteFile(SortedRows(FlatLayout(), 200, random), {});
  const store::ObjectPath path("data/1.parquet");
  Buffer bytes = ValueOf(store_.Get(path, {})).bytes;
  std::string damaged(bytes.view());
  damaged[damaged.find("PAR1") + 4 + 200] ^= 1;
  ASSERT_TRUE(store_.Delete(std::vector{path}, {}).ok());
  ASSERT_TRUE(store_.Put(path, Buffer::FromString(damaged), store::PutMode::kIfAbsent, {}).ok());
  EXPECT_THAT(Merge({good, bad}, model::KeyInterval::All(), {}, {}).status(),
              Fails(ErrorKind::kCorrupt, AllOf(HasSubstr("data/1.parquet"), HasSubstr("field text"))));
}

TEST_F(PageMergeTest, RefusesAMapWithOtherValuesThanKeys) {
  const auto layout = columnar::LayoutOf(R"({
      "rowKeyFields": [{"name": "key", "type": "LongType"}],
      "valueFields": [{"name": "counts", "type": {"MapType": {"keyType": "IntType", "valueType": "IntType"}},
                       "nullable": true}]})");
  const DataFileSettings settings{.codec = model::CompressionCodec::kUncompressed,
                                  .value_encoding = model::FieldEncoding::kPlain};
  const auto write = [&](const std::string& maps) { return WriteFile(BatchOf(layout, {"[1,2,3]", maps}), settings); };
  const auto good = write("[[[1,10]],null,[[2,20],[3,30]]]");
  const ColumnChunkMetadata values = good->footer().row_groups[0].columns[2];
  const auto begin = static_cast<size_t>(values.data_page_offset);
  const auto size = static_cast<size_t>(values.compressed_bytes);
  const std::string bytes(ValueOf(store_.Get(store::ObjectPath("data/0.parquet"), {})).bytes.view());
  int others = 0;
  for (const char* const maps : {"[[[1,10],[2,20]],null,[[3,30]]]", "[[[1,10]],[],[[2,20],[3,30]]]"}) {
    SCOPED_TRACE(maps);
    // A page of the same size whose checksum is right.
    write(maps);
    const store::ObjectPath other("data/" + std::to_string(++others) + ".parquet");
    std::string torn = bytes;
    torn.replace(begin, size, ValueOf(store_.Get(other, {})).bytes.view().substr(begin, size));
    ASSERT_NE(torn, bytes);
    ASSERT_TRUE(
        store_.Put(store::ObjectPath("data/0.parquet"), Buffer::FromString(torn), store::PutMode::kReplace, {}).ok());
    EXPECT_THAT(Merge({good}, model::KeyInterval::All(), settings, {}).status(),
                Fails(ErrorKind::kCorrupt, AllOf(HasSubstr("data/0.parquet"), HasSubstr("field counts"),
                                                 HasSubstr("keys and the values of a map"))));
    ++files_;
    others = files_ - 1;
  }
}

}  // namespace
}  // namespace sleeper::file
