#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/bloom_filter.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::file {
namespace {

using columnar::Batch;
using columnar::BatchOf;
using columnar::TextOf;
using model::Fails;
using model::ValueOf;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const store::ObjectPath kPath("data/file.parquet");

/// 200 sorted random rows of every type, the same in every test.
const Batch& AllTypes() {
  static const Batch batch = [] {
    SeededRandom random(1);
    const Batch unsorted = columnar::RandomBatch(columnar::LayoutOfAllTypes(), 200, random);
    return columnar::SortedCopy({&unsorted, 1});
  }();
  return batch;
}

/// Sorted rows of a random schema.
Batch SortedRandomRows(Random& random, int64_t rows) {
  const Batch unsorted = columnar::RandomBatch(columnar::Layout::Of(model::RandomKeySchema(random)), rows, random);
  return columnar::SortedCopy({&unsorted, 1});
}

class DataFileTest : public testing::Test {
 protected:
  DataFileSummary Write(const std::vector<Batch>& batches, const DataFileSettings& settings = {}) {
    SLEEPER_CHECK(store_.Delete(std::vector{kPath}, {}).ok(), "delete");
    auto writer = ValueOf(DataFileWriter::Open(store_, kPath, batches.front().shared_layout(), settings, {}));
    for (const Batch& batch : batches) {
      const Status written = writer->Write(batch);
      SLEEPER_CHECK(written.ok(), written.ToString());
    }
    return ValueOf(writer->Finish());
  }

  Result<std::shared_ptr<const DataFileReader>> TryOpen(const DataFileSummary& summary,
                                                        std::shared_ptr<const columnar::Layout> layout) {
    return DataFileReader::Open(store_, kPath, summary.size_bytes, summary.tail_bytes, std::move(layout), {});
  }

  std::shared_ptr<const DataFileReader> Open(const DataFileSummary& summary,
                                             std::shared_ptr<const columnar::Layout> layout) {
    return ValueOf(TryOpen(summary, std::move(layout)));
  }

  static std::vector<std::string> Read(const DataFileReader& reader, const ScanRequest& request = {}) {
    return TextOf(ValueOf(rows::Collect(*reader.Scan(request, {}))));
  }

  /// Replaces the file's bytes.
  void Store(const std::string& bytes) {
    ASSERT_TRUE(store_.Put(kPath, Buffer::CopyOf(bytes), store::PutMode::kReplace, {}).ok());
  }

  std::string Bytes() { return std::string(ValueOf(store_.Get(kPath, {})).bytes.view()); }

  SystemClock clock_;
  store::MemoryStore store_{clock_};
};

// Round trips.

TEST_F(DataFileTest, RowsOfEveryTypeComeBackAsTheyWereWritten) {
  const DataFileSummary summary =
      Write(columnar::CutIntoPieces(AllTypes(), 37), {.row_group_rows_max = 90, .page_rows_max = 20});
  const auto reader = Open(summary, AllTypes().shared_layout());
  EXPECT_EQ(reader->summary(), summary);
  const std::vector<Batch> batches = ValueOf(rows::Collect(*reader->Scan({}, {})));
  for (const Batch& batch : batches) EXPECT_TRUE(Batch::Make(batch.shared_layout(), batch.arrow()).ok());
  EXPECT_EQ(TextOf(batches), TextOf(AllTypes()));
}

TEST_F(DataFileTest, TheSizesOfBatchesAndWindowsDoNotMatter) {
  const auto reader =
      Open(Write({AllTypes()}, {.row_group_rows_max = 120, .page_rows_max = 17}), AllTypes().shared_layout());
  EXPECT_EQ(Read(*reader, {.batch_rows_max = 7, .window_bytes_max = 1}), TextOf(AllTypes()));
  EXPECT_EQ(Read(*reader, {.batch_rows_max = 1000, .window_bytes_max = 3000}), TextOf(AllTypes()));
}

TEST_F(DataFileTest, EveryCodecAndEncodingReadsBack) {
  const Batch rows = AllTypes().Slice(0, 60);
  for (const auto codec :
       {model::CompressionCodec::kUncompressed, model::CompressionCodec::kZstd, model::CompressionCodec::kSnappy,
        model::CompressionCodec::kLz4, model::CompressionCodec::kGzip}) {
    const auto reader = Open(Write({rows}, {.codec = codec}), rows.shared_layout());
    EXPECT_EQ(Read(*reader), TextOf(rows));
  }
  columnar::KeyColumn keys;
  ASSERT_TRUE(keys.Encode(rows).ok());
  for (const auto encoding :
       {model::FieldEncoding::kPlain, model::FieldEncoding::kDelta, model::FieldEncoding::kDictionary}) {
    const DataFileSettings settings{.row_group_rows_max = 50,
                                    .page_rows_max = 20,
                                    .row_key_encoding = encoding,
                                    .sort_key_encoding = encoding,
                                    .value_encoding = encoding};
    const auto reader = Open(Write({rows}, settings), rows.shared_layout());
    EXPECT_EQ(Read(*reader), TextOf(rows));
    const int64_t from = keys.LowerBound(keys.row_key(45));
    const ScanRequest tail{.intervals = {{model::NormalisedKey(keys.row_key(45)), std::nullopt}}};
    EXPECT_EQ(Read(*reader, tail), TextOf(rows.Slice(from, 60 - from)));
  }
}

TEST_F(DataFileTest, TheSummarySaysWhatIsInTheFile) {
  const Batch batch =
      BatchOf(columnar::ReferenceLayout(), {R"(["a","b","b"])", "[3,1,2]", R"(["x","y","z"])", R"([null,"",""])"});
  const DataFileSummary summary = Write({batch});
  EXPECT_EQ(summary.rows, 3);
  EXPECT_EQ(summary.bounds.min, model::EncodeKey(model::KeyTuple{std::string("a")}));
  EXPECT_EQ(summary.bounds.max, model::EncodeKey(model::KeyTuple{std::string("b")}));
  columnar::RowHasher hasher(batch.shared_layout());
  hasher.Add(batch);
  EXPECT_EQ(summary.row_hash, hasher.sum());
  EXPECT_EQ(summary.size_bytes, ValueOf(store_.Head(kPath, {})).size);
  const model::FileRecord record = summary.Record(model::FileId("00/x"), 7);
  EXPECT_EQ(record.id, model::FileId("00/x"));
  EXPECT_EQ(record.birth, 7);
  EXPECT_EQ(record.tail_bytes, summary.tail_bytes);
}

TEST_F(DataFileTest, AFileThatWasCutOffIsCorrupt) {
  const Batch rows = columnar::SortedCopy(std::vector{columnar::ReferenceRows(400, 1)});
  const DataFileSummary summary = Write({rows});
  const std::string bytes = Bytes();
  const auto reader = Open(summary, rows.shared_layout());
  Store(bytes.substr(0, bytes.size() - 1));
  EXPECT_THAT(TryOpen(summary, rows.shared_layout()).status(), Fails(ErrorKind::kCorrupt, HasSubstr(kPath.value())));
  Store(bytes.substr(0, bytes.size() / 4));
  EXPECT_THAT(rows::Collect(*reader->Scan({}, {})).status(), Fails(ErrorKind::kCorrupt, HasSubstr("")));
}

TEST_F(DataFileTest, TheTailIsFoundOutIfItIsNotKnown) {
  const Batch rows = columnar::ReferenceRows(400, 1);
  const Batch sorted = columnar::SortedCopy({&rows, 1});
  // 200 row groups have a tail that is longer than the first guess.
  for (const int64_t row_group_rows : {400, 2}) {
    const DataFileSummary summary = Write({sorted}, {.row_group_rows_max = row_group_rows});
    EXPECT_EQ(summary.tail_bytes > 64 << 10, row_group_rows == 2);
    const auto reader = ValueOf(DataFileReader::Open(store_, kPath, summary.size_bytes, 0, sorted.shared_layout(), {}));
    EXPECT_EQ(reader->summary(), summary);
    EXPECT_EQ(Read(*reader), TextOf(sorted));
  }
}

TEST_F(DataFileTest, RowGroupsEndAtTheirBounds) {
  const Batch rows = columnar::ReferenceRows(1000, 1);
  const Batch sorted = columnar::SortedCopy({&rows, 1});
  const auto estimate = [&](const DataFileSettings& settings) {
    return Open(Write(columnar::CutIntoPieces(sorted, 100), settings), sorted.shared_layout())->Estimate({});
  };
  EXPECT_EQ(estimate({}).pages, 4);
  EXPECT_EQ(estimate({.row_group_rows_max = 250}).pages, 4 * 4);
  const int64_t groups = estimate({.row_group_bytes_max = 6000}).pages / 4;
  EXPECT_GE(groups, 4);
  EXPECT_LE(groups, 8);
  EXPECT_EQ(estimate({.page_rows_max = 100}).pages, 4 * 10);
}

// Writing.

TEST_F(DataFileTest, RowsOutOfOrderAreRefusedAndNamed) {
  const auto layout = columnar::ReferenceLayout();
  const auto write = [&](const std::vector<Batch>& batches) {
    const auto writer = ValueOf(DataFileWriter::Open(store_, kPath, layout, {}, {}));
    Status status;
    for (const Batch& batch : batches) {
      if (status.ok()) status = writer->Write(batch);
    }
    return status;
  };
  const auto rows = [&](const std::string& keys, const std::string& sorts) {
    return BatchOf(layout, {keys, sorts, R"(["x","y"])", "[null,null]"});
  };
  EXPECT_TRUE(write({rows(R"(["a","a"])", "[1,1]"), rows(R"(["a","b"])", "[1,0]")}).ok());
  EXPECT_THAT(write({rows(R"(["a","b"])", "[1,1]"), rows(R"(["b","c"])", "[0,0]")}),
              Fails(ErrorKind::kInternal, AllOf(HasSubstr(kPath.value()), HasSubstr("row 2 "), HasSubstr("(b, 0)"))));
  EXPECT_THAT(write({rows(R"(["a","a"])", "[2,1]")}), Fails(ErrorKind::kInternal, HasSubstr("row 1 ")));
  // Nothing was made visible, for no writer was finished.
  EXPECT_THAT(store_.Head(kPath, {}).status(), Fails(ErrorKind::kNotFound, HasSubstr("")));
}

TEST_F(DataFileTest, AnExistingFileIsNotReplaced) {
  const DataFileSummary summary = Write({AllTypes()});
  const auto writer = DataFileWriter::Open(store_, kPath, AllTypes().shared_layout(), {}, {});
  Status status = writer.status();
  if (status.ok()) status = (*writer)->Write(AllTypes().Slice(0, 1));
  if (status.ok()) status = (*writer)->Finish().status();
  EXPECT_THAT(status, Fails(ErrorKind::kConflict, HasSubstr(kPath.value())));
  EXPECT_EQ(Read(*Open(summary, AllTypes().shared_layout())), TextOf(AllTypes()));
}

TEST_F(DataFileTest, TheBytesSoFarAreAboutTheSize) {
  const Batch rows = columnar::ReferenceRows(3000, 1);
  const Batch sorted = columnar::SortedCopy({&rows, 1});
  const auto writer =
      ValueOf(DataFileWriter::Open(store_, kPath, sorted.shared_layout(), {.row_group_rows_max = 2000}, {}));
  EXPECT_LT(writer->bytes(), 100);
  for (const Batch& batch : columnar::CutIntoPieces(sorted, 500)) ASSERT_TRUE(writer->Write(batch).ok());
  EXPECT_EQ(writer->rows(), 3000);
  const int64_t before = writer->bytes();
  const int64_t size = ValueOf(writer->Finish()).size_bytes;
  EXPECT_GT(before, size / 2);
  EXPECT_LT(before, size * 2);
}

TEST_F(DataFileTest, AFileWhoseLastAnswerWasLostIsThereOrInDoubt) {
  for (const store::FaultKind fault : {store::FaultKind::kErrorAfter, store::FaultKind::kErrorBefore}) {
    SLEEPER_CHECK(store_.Delete(std::vector{kPath}, {}).ok(), "delete");
    store::FaultyStore faulty(store_);
    faulty.AddRule({.kind = fault, .error = ErrorKind::kOutcomeUnknown, .function = store::StoreFunction::kFinish});
    auto writer = ValueOf(DataFileWriter::Open(faulty, kPath, AllTypes().shared_layout(), {}, {}));
    ASSERT_TRUE(writer->Write(AllTypes()).ok());
    const Result<DataFileSummary> summary = writer->Finish();
    if (fault == store::FaultKind::kErrorBefore) {
      EXPECT_THAT(summary.status(), Fails(ErrorKind::kOutcomeUnknown, testing::_));
    } else {
      EXPECT_EQ(ValueOf(store_.Head(kPath, {})).size, ValueOf(summary).size_bytes);
    }
    EXPECT_EQ(faulty.faults(), 1);
  }
}

TEST_F(DataFileTest, AFailureOfTheStoreKeepsItsKindWhileWriting) {
  const Batch rows = columnar::ReferenceRows(200, 1);
  const Batch sorted = columnar::SortedCopy({&rows, 1});
  for (const auto function :
       {store::StoreFunction::kOpenWriter, store::StoreFunction::kAppend, store::StoreFunction::kFinish}) {
    store::FaultyStore faulty(store_);
    faulty.AddRule({.error = ErrorKind::kExhausted, .function = function});
    const auto writer = DataFileWriter::Open(faulty, store::ObjectPath("data/other"), sorted.shared_layout(), {}, {});
    Status status = writer.status();
    if (status.ok()) status = (*writer)->Write(sorted);
    if (status.ok()) status = (*writer)->Finish().status();
    EXPECT_TRUE(IsKind(status, ErrorKind::kExhausted)) << status.ToString();
  }
  EXPECT_FALSE(store_.Head(store::ObjectPath("data/other"), {}).ok());
}

// Reading parts.

/// A key for an interval: the row key of a row, a leading part of one, or a random one.
model::NormalisedKey RandomBound(const columnar::KeyColumn& keys, const model::Schema& schema, Random& random) {
  if (random.Below(4) == 0) return model::EncodeKey(model::RandomKey(random, schema.row_key_fields()));
  const std::string_view key = keys.row_key(static_cast<int64_t>(random.Below(static_cast<uint64_t>(keys.rows()))));
  if (random.Below(3) != 0) return model::NormalisedKey(key);
  return model::NormalisedKey(key.substr(0, random.Below(key.size() + 1)));
}

std::vector<std::string> NoNames() { return {}; }

std::vector<std::string> RowKeyNames(const model::Schema& schema) {
  std::vector<std::string> names;
  for (const model::Field& field : schema.row_key_fields()) names.push_back(field.name);
  return names;
}

TEST_F(DataFileTest, EveryIntervalGivesExactlyItsRows) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const Batch rows = SortedRandomRows(random, 150);
    const model::Schema& schema = rows.layout().schema();
    const std::vector<std::string> text = TextOf(rows);
    columnar::KeyColumn keys;
    ASSERT_TRUE(keys.Encode(rows).ok());
    const DataFileSettings settings{.row_group_rows_max = static_cast<int64_t>(20 + random.Below(100)),
                                    .page_rows_max = static_cast<int64_t>(3 + random.Below(20)),
                                    .page_bytes_max = static_cast<int64_t>(50 + random.Below(500)),
                                    .bloom_filter_fields = seed % 2 == 0 ? RowKeyNames(schema) : NoNames()};
    const auto reader = Open(Write(columnar::CutIntoPieces(rows, 31), settings), rows.shared_layout());
    for (int i = 0; i < 8; ++i) {
      std::vector<model::KeyInterval> intervals;
      std::vector<model::NormalisedKey> bounds;
      for (uint64_t b = random.Below(6); b < 6; ++b) bounds.push_back(RandomBound(keys, schema, random));
      std::sort(bounds.begin(), bounds.end());
      for (size_t b = 0; b + 1 < bounds.size(); b += 2) {
        if (bounds[b] < bounds[b + 1]) intervals.push_back({bounds[b], bounds[b + 1]});
      }
      if (bounds.size() % 2 == 1) intervals.push_back({bounds.back(), std::nullopt});
      std::vector<std::string> expected;
      int64_t rows_expected = 0;
      for (int64_t row = 0; row < rows.rows(); ++row) {
        const bool inside = std::any_of(intervals.begin(), intervals.end(),
                                        [&](const auto& interval) { return interval.Contains(keys.row_key(row)); });
        if (inside) expected.push_back(text[static_cast<size_t>(row)]);
        rows_expected += inside ? 1 : 0;
      }
      const ScanRequest request{.intervals = intervals, .batch_rows_max = static_cast<int64_t>(5 + random.Below(100))};
      EXPECT_EQ(Read(*reader, request), expected);
      EXPECT_GE(reader->Estimate(request).rows, rows_expected);
      if (intervals.empty()) {
        EXPECT_EQ(reader->Estimate(request), ScanEstimate());
      }
    }
  }
}

TEST_F(DataFileTest, NestedColumnsAreReadFromTheMiddle) {
  columnar::KeyColumn keys;
  ASSERT_TRUE(keys.Encode(AllTypes()).ok());
  // Pages end at bytes, so that those of the columns begin at different rows.
  const auto reader = Open(Write({AllTypes()}, {.row_group_rows_max = 150, .page_rows_max = 64, .page_bytes_max = 100}),
                           AllTypes().shared_layout());
  SeededRandom random(5);
  for (int i = 0; i < 8; ++i) {
    auto begin = static_cast<int64_t>(random.Below(200));
    auto end = static_cast<int64_t>(random.Below(200));
    if (begin > end) std::swap(begin, end);
    const model::KeyInterval interval{model::NormalisedKey(keys.row_key(begin)),
                                      model::NormalisedKey(keys.row_key(end))};
    const int64_t first = keys.LowerBound(interval.lower);
    const int64_t last = keys.LowerBound(*interval.upper);
    EXPECT_EQ(Read(*reader, {.intervals = {interval}}), TextOf(AllTypes().Slice(first, last - first)));
  }
}

TEST_F(DataFileTest, SomeColumnsAreReadInTheOrderAskedFor) {
  const auto layout = columnar::ReferenceLayout();
  const Batch batch = BatchOf(layout, {R"(["a","b","c"])", "[1,2,3]", R"(["x","y","z"])", R"([null,"n","m"])"});
  const auto reader = Open(Write({batch}), layout);
  const std::vector<std::string> names = {"nullable", "sort"};
  const auto wanted = ValueOf(layout->Select(names));
  EXPECT_THAT(Read(*reader, {.layout = wanted}), ElementsAre("(null, 1)", "(n, 2)", "(m, 3)"));
  // The key decides, without being asked for.
  const auto b = model::IntervalOfPrefix(model::KeyTuple{std::string("b")});
  EXPECT_THAT(Read(*reader, {.intervals = {b}, .layout = wanted}), ElementsAre("(n, 2)"));
  const std::vector<std::string> with_key = {"value", "key"};
  EXPECT_THAT(Read(*reader, {.intervals = {b}, .layout = ValueOf(layout->Select(with_key))}), ElementsAre("(y, b)"));
}

TEST_F(DataFileTest, ALookUpReadsTheTailOnceAndTheNeededPagesInOneWave) {
  const Batch rows = columnar::ReferenceRows(4000, 1);
  const Batch sorted = columnar::SortedCopy({&rows, 1});
  const DataFileSummary summary = Write({sorted}, {.page_rows_max = 100});
  columnar::KeyColumn keys;
  ASSERT_TRUE(keys.Encode(sorted).ok());
  store::RecordingStore recording(store_);
  const auto reader = ValueOf(
      DataFileReader::Open(recording, kPath, summary.size_bytes, summary.tail_bytes, sorted.shared_layout(), {}));
  ASSERT_EQ(recording.calls().size(), 1);
  recording.Clear();
  const model::KeyInterval interval{model::NormalisedKey(keys.row_key(1234)), model::NormalisedKey(keys.row_key(1235))};
  EXPECT_EQ(Read(*reader, {.intervals = {interval}}), TextOf(sorted.Slice(1234, 1)));
  ASSERT_EQ(recording.calls().size(), 1);
  int64_t bytes = 0;
  const store::StoreCall call = recording.calls().front();
  for (const ByteRange& range : call.ranges) bytes += range.size;
  EXPECT_EQ(call.ranges.size(), 4);
  EXPECT_EQ(bytes, reader->Estimate({.intervals = {interval}}).bytes);
  EXPECT_LT(bytes, summary.size_bytes / 10);
  // Keys outside the file's bounds cost nothing.
  recording.Clear();
  EXPECT_THAT(Read(*reader, {.intervals = {{"\x7F", std::nullopt}}}), IsEmpty());
  EXPECT_THAT(recording.calls(), IsEmpty());
}

/// Rows of the even numbers from 0 on.
Batch EvenNumbers(int64_t count) {
  const auto layout = columnar::LayoutOf(
      R"({"rowKeyFields": [{"name": "k", "type": "LongType"}], "valueFields": [{"name": "v", "type": "StringType"}]})");
  std::string keys = "[";
  std::string values = "[";
  for (int64_t i = 0; i < count; ++i) {
    keys += (i > 0 ? "," : "") + std::to_string(2 * i);
    values += (i > 0 ? ",\"" : "\"") + std::to_string(i * 7919) + "\"";
  }
  return BatchOf(layout, {keys + "]", values + "]"});
}

model::KeyInterval Number(int64_t number) { return model::IntervalOfPrefix(model::KeyTuple{number}); }

TEST_F(DataFileTest, OfAKeyThatIsNotThereOnlyAPartOfABloomFilterIsRead) {
  const Batch rows = EvenNumbers(10'000);
  const DataFileSummary summary = Write({rows}, {.row_group_rows_max = 5'000, .bloom_filter_fields = {"k"}});
  store::RecordingStore recording(store_);
  const auto reader =
      ValueOf(DataFileReader::Open(recording, kPath, summary.size_bytes, summary.tail_bytes, rows.shared_layout(), {}));
  int64_t only_filters = 0;
  for (int64_t i = 0; i < 100; ++i) {
    recording.Clear();
    EXPECT_THAT(Read(*reader, {.intervals = {Number(2 * (i * 97) + 1)}}), IsEmpty());
    const auto calls = recording.calls();
    ASSERT_THAT(calls.front().ranges, testing::SizeIs(1));
    EXPECT_EQ(calls.front().ranges.front().size, kBloomSectorBytes);
    only_filters += calls.size() == 1 ? 1 : 0;
  }
  // One of a hundred is looked for in vain.
  EXPECT_GE(only_filters, 95);
  for (int64_t i = 0; i < 100; ++i) {
    EXPECT_THAT(Read(*reader, {.intervals = {Number(2 * (i * 97))}}), testing::SizeIs(1)) << i;
  }
  // The filter and the pages, each in one call.
  EXPECT_EQ(recording.calls().size() - 1, 2 * 100u);
}

TEST_F(DataFileTest, ScansOfManyRowsDoNotAskBloomFilters) {
  const Batch rows = EvenNumbers(1'000);
  const DataFileSummary summary = Write({rows}, {.bloom_filter_fields = {"k", "v", "another table's"}});
  store::RecordingStore recording(store_);
  const auto reader =
      ValueOf(DataFileReader::Open(recording, kPath, summary.size_bytes, summary.tail_bytes, rows.shared_layout(), {}));
  recording.Clear();
  EXPECT_EQ(Read(*reader), TextOf(rows));
  EXPECT_EQ(recording.calls().size(), 1u);
}

TEST_F(DataFileTest, ADamagedBloomFilterIsNamedAndHidesNoRows) {
  const Batch rows = EvenNumbers(1'000);
  const DataFileSummary summary = Write({rows}, {.bloom_filter_fields = {"k"}});
  std::string bytes = Bytes();
  // Behind all pages stands the filter, of 2 KiB, and then the tail.
  const size_t filter = bytes.size() - static_cast<size_t>(summary.tail_bytes) - 2048;
  for (size_t i = 0; i < 2048; ++i) bytes[filter + i] = 0;
  Store(bytes);
  const auto reader = Open(summary, rows.shared_layout());
  EXPECT_THAT(rows::Collect(*reader->Scan({.intervals = {Number(10)}}, {})).status(),
              Fails(ErrorKind::kCorrupt, AllOf(HasSubstr(kPath.value()), HasSubstr("row group 0, field k"),
                                               HasSubstr("the checksum of a Bloom filter is wrong"))));
}

TEST_F(DataFileTest, WhateverAFooterSaysOfBloomFiltersNothingBeyondThemIsRead) {
  const Batch rows = EvenNumbers(300);
  const DataFileSummary summary = Write({rows}, {.row_group_rows_max = 100, .bloom_filter_fields = {"k"}});
  // As without the checksum of the tail, which would refuse all of it.
  std::string bytes = Bytes();
  bytes.replace(bytes.rfind("sleeper.tail"), 12, "another.name");
  const size_t tail = bytes.size() - static_cast<size_t>(summary.tail_bytes);
  int64_t refused = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::string damaged = bytes;
    for (uint64_t i = 0; i <= random.Below(3); ++i) {
      const size_t at = tail + random.Below(damaged.size() - tail);
      damaged[at] = static_cast<char>(random.Below(256));
    }
    Store(damaged);
    const auto reader = TryOpen(summary, rows.shared_layout());
    Status status = reader.status();
    if (status.ok()) status = rows::Collect(*(*reader)->Scan({.intervals = {Number(10), Number(12)}}, {})).status();
    if (status.ok()) continue;
    ++refused;
    EXPECT_THAT(status.message(), HasSubstr(kPath.value()));
  }
  EXPECT_GT(refused, 50);
}

TEST_F(DataFileTest, ColumnsThatLieSideBySideAreReadAsOneRange) {
  // The 28 columns of a row group of some kilobytes.
  const DataFileSummary summary = Write({AllTypes()}, {.row_group_rows_max = 50});
  store::RecordingStore recording(store_);
  const auto reader = ValueOf(
      DataFileReader::Open(recording, kPath, summary.size_bytes, summary.tail_bytes, AllTypes().shared_layout(), {}));
  recording.Clear();
  EXPECT_EQ(Read(*reader), TextOf(AllTypes()));
  ASSERT_EQ(recording.calls().size(), 4);
  for (const store::StoreCall& call : recording.calls()) EXPECT_EQ(call.ranges.size(), 1);
}

TEST_F(DataFileTest, KeysTooLongForThePageIndexAreFoundAllTheSame) {
  const auto layout = columnar::LayoutOf(
      R"({"rowKeyFields": [{"name": "k", "type": "StringType"}], "valueFields": [{"name": "v", "type": "IntType"}]})");
  const std::string longest(3 << 19, 'b');
  const Batch batch = BatchOf(layout, {R"(["a",")" + longest + R"(","c"])", "[1,2,3]"});
  const auto reader = Open(Write({batch}), layout);
  EXPECT_THAT(Read(*reader, {.intervals = {model::IntervalOfPrefix(model::KeyTuple{std::string("c")})}}),
              ElementsAre("(c, 3)"));
  EXPECT_EQ(Read(*reader, {.intervals = {model::IntervalOfPrefix(model::KeyTuple{longest})}}),
            TextOf(batch.Slice(1, 1)));
}

// What the indexes tell.

TEST_F(DataFileTest, SamplesOfKeysAddUpAndFollowLaterKeysWhereTheFirstIsConstant) {
  const auto layout = columnar::LayoutOf(
      R"({"rowKeyFields": [{"name": "a", "type": "StringType"}, {"name": "b", "type": "IntType"}]})");
  std::string a = "[", b = "[";
  for (int i = 0; i < 100; ++i) {
    a += std::string(i == 0 ? "" : ",") + (i < 80 ? "\"hot\"" : "\"x\"");
    b += std::string(i == 0 ? "" : ",") + std::to_string(i);
  }
  const auto reader = Open(Write({BatchOf(layout, {a + "]", b + "]"})}, {.page_rows_max = 10}), layout);
  const std::vector<KeySample> samples = reader->page_keys();
  ASSERT_EQ(samples.size(), 10);
  for (const KeySample& sample : samples) EXPECT_EQ(sample.rows, 10);
  EXPECT_EQ(samples[3].key, model::EncodeKey(model::KeyTuple{std::string("hot"), 30}));
  EXPECT_EQ(samples[9].key, model::EncodeKey(model::KeyTuple{std::string("x"), 90}));

  const auto estimate = [&](int from, int to) {
    return reader->EstimateRows({model::EncodeKey(model::KeyTuple{std::string("hot"), from}),
                                 model::EncodeKey(model::KeyTuple{std::string("hot"), to})});
  };
  EXPECT_EQ(estimate(20, 50), 30);
  EXPECT_EQ(estimate(25, 45), 20);
  EXPECT_EQ(reader->EstimateRows(model::KeyInterval::All()), 100);
  EXPECT_EQ(reader->EstimateRows({"y", std::nullopt}), 0);
}

TEST_F(DataFileTest, SamplesAscend) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    SeededRandom random(seed);
    const Batch rows = SortedRandomRows(random, 200);
    columnar::KeyColumn keys;
    ASSERT_TRUE(keys.Encode(rows).ok());
    const auto reader = Open(Write({rows}, {.row_group_rows_max = 90, .page_rows_max = 7}), rows.shared_layout());
    int64_t row = 0;
    model::NormalisedKey before;
    for (const KeySample& sample : reader->page_keys()) {
      EXPECT_LE(sample.key, keys.row_key(row)) << "seed " << seed;
      EXPECT_LE(before, sample.key);
      before = sample.key;
      row += sample.rows;
    }
    EXPECT_EQ(row, 200);
  }
}

// Files that are not right.

TEST_F(DataFileTest, ATruncatedFileIsCorruptAndNamed) {
  const DataFileSummary summary = Write({AllTypes()});
  const std::string bytes = Bytes();
  for (const size_t size : {size_t{0}, size_t{3}, size_t{11}, bytes.size() / 2, bytes.size() - 1}) {
    Store(bytes.substr(0, size));
    DataFileSummary shorter = summary;
    shorter.size_bytes = static_cast<int64_t>(size);
    EXPECT_THAT(TryOpen(shorter, AllTypes().shared_layout()).status(),
                Fails(ErrorKind::kCorrupt, HasSubstr(kPath.value())));
  }
  // The state knows the true size, which reaches past the end.
  EXPECT_FALSE(TryOpen(summary, AllTypes().shared_layout()).ok());
}

TEST_F(DataFileTest, NoFlippedBitGoesUnnoticed) {
  const Batch rows = AllTypes().Slice(0, 25);
  const DataFileSummary summary = Write({rows}, {.row_group_rows_max = 20,
                                                 .page_rows_max = 11,
                                                 .value_column_indexes = true,
                                                 .bloom_filter_fields = RowKeyNames(rows.layout().schema())});
  const std::string bytes = Bytes();
  columnar::KeyColumn keys;
  ASSERT_TRUE(keys.Encode(rows).ok());
  // The whole file, and as much as a look-up reads, by filters and without them.
  const std::vector<model::KeyInterval> intervals = {
      model::KeyInterval::All(),
      {std::string(keys.row_key(12)), std::string(keys.row_key(14))},
      {std::string(keys.row_key(7)), std::string(keys.row_key(7)) + '\0'}};
  std::vector<std::vector<std::string>> expected;
  for (const model::KeyInterval& interval : intervals) {
    expected.push_back(TextOf(ValueOf(rows::Collect(*Open(summary, rows.shared_layout())->Scan({{interval}}, {})))));
  }
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr size_t kStep = 13;
#else
  constexpr size_t kStep = 1;
#endif
  size_t refused = 0;
  for (size_t at = 0; at < bytes.size(); at += kStep) {
    const size_t bit = at / kStep % 8;
    SCOPED_TRACE("byte " + std::to_string(at) + " bit " + std::to_string(bit));
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
    Store(flipped);
    const auto reader = TryOpen(summary, rows.shared_layout());
    Status status = reader.status();
    for (size_t i = 0; status.ok() && i < intervals.size(); ++i) {
      const auto batches = rows::Collect(*(*reader)->Scan({{intervals[i]}}, {}));
      status = batches.status();
      // A bit that nothing depends on, or that is not read.
      if (status.ok()) {
        ASSERT_TRUE(TextOf(*batches) == expected[i]) << "other rows of interval " << i;
      }
    }
    if (status.ok()) continue;
    ++refused;
    ASSERT_TRUE(IsKind(status, ErrorKind::kCorrupt) || IsKind(status, ErrorKind::kInvalid)) << status.ToString();
    ASSERT_THAT(status.message(), HasSubstr(kPath.value()));
  }
  // All but the magic bytes in front, the name of the last item, and what page headers say without need.
  EXPECT_GT(refused, bytes.size() / kStep * 19 / 20);
}

TEST_F(DataFileTest, ADamagedPageIsNamedWithItsField) {
  const Batch rows = columnar::ReferenceRows(100, 1);
  const Batch sorted = columnar::SortedCopy({&rows, 1});
  const DataFileSummary summary = Write({sorted});
  std::string bytes = Bytes();
  bytes[200] = static_cast<char>(bytes[200] ^ 1);  // In the first page of the first column.
  Store(bytes);
  EXPECT_THAT(
      rows::Collect(*Open(summary, sorted.shared_layout())->Scan({}, {})).status(),
      Fails(ErrorKind::kCorrupt, AllOf(HasSubstr(kPath.value()), HasSubstr("row group 0"), HasSubstr("field key"))));
}

TEST_F(DataFileTest, APageThatPromisesTooMuchIsDamaged) {
  const auto layout = columnar::ReferenceLayout();
  // Half a megabyte of one letter, in some dozens of bytes.
  const std::string text(1 << 19, 'a');
  const auto reader = Open(Write({BatchOf(layout, {R"(["a"])", "[1]", R"([")" + text + R"("])", "[null]"})}), layout);
  EXPECT_EQ(Read(*reader).front().size(), text.size() + std::string("(a, 1, , null)").size());
  EXPECT_THAT(rows::Collect(*reader->Scan({.page_bytes_max = 1 << 18}, {})).status(),
              Fails(ErrorKind::kCorrupt,
                    AllOf(HasSubstr(kPath.value()), HasSubstr("field value"), HasSubstr("larger than allowed"))));
}

TEST_F(DataFileTest, AFileOfAnotherTableIsRefused) {
  const DataFileSummary summary = Write({AllTypes()});
  EXPECT_THAT(TryOpen(summary, columnar::ReferenceLayout()).status(),
              Fails(ErrorKind::kCorrupt, AllOf(HasSubstr(kPath.value()), HasSubstr("schema"))));
}

TEST_F(DataFileTest, AFailureOfTheStoreKeepsItsKindWhileReading) {
  const DataFileSummary summary = Write({AllTypes()});
  store::FaultyStore faulty(store_);
  const auto reader = ValueOf(
      DataFileReader::Open(faulty, kPath, summary.size_bytes, summary.tail_bytes, AllTypes().shared_layout(), {}));
  faulty.AddRule({.error = ErrorKind::kThrottled, .function = store::StoreFunction::kGetRanges});
  const Status status = rows::Collect(*reader->Scan({}, {})).status();
  EXPECT_TRUE(IsKind(status, ErrorKind::kThrottled)) << status.ToString();

  ASSERT_TRUE(store_.Delete(std::vector{kPath}, {}).ok());
  const Status missing = rows::Collect(*reader->Scan({}, {})).status();
  EXPECT_TRUE(IsKind(missing, ErrorKind::kNotFound)) << missing.ToString();
}

TEST_F(DataFileTest, AMissingFileIsNotFound) {
  const Status status = TryOpen({.size_bytes = 100, .tail_bytes = 50}, columnar::ReferenceLayout()).status();
  EXPECT_TRUE(IsKind(status, ErrorKind::kNotFound)) << status.ToString();
}

}  // namespace
}  // namespace sleeper::file
