#include "sleeper/file/claim_check.h"

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/crc32.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/file/tail_check.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"

namespace sleeper::file {
namespace {

using columnar::Batch;
using columnar::BatchOf;
using model::Fails;
using model::ValueOf;
using testing::HasSubstr;
using testing::StartsWith;

const store::ObjectPath kPath("data/file.parquet");

/// What a test changes of a file: its bytes up to the tail, and the parts of that.
struct Parts {
  std::string data;
  ParquetMetadata footer;
  /// Row group by row group, column by column.
  std::vector<std::vector<std::optional<ColumnIndex>>> column_indexes;
  std::vector<std::vector<OffsetIndex>> offset_indexes;

  ChunkStatistics& statistics(size_t row_group, size_t column) {
    return *footer.row_groups[row_group].columns[column].statistics;
  }
  ColumnIndex& index(size_t row_group, size_t column) { return *column_indexes[row_group][column]; }
};

/// The file again, its tail sealed.
std::string FileOf(Parts parts) {
  std::string tail;
  const auto append = [&](const ThriftWriter& out) {
    const ByteRange range{static_cast<int64_t>(parts.data.size() + tail.size()),
                          static_cast<int64_t>(out.bytes().size())};
    tail += out.bytes();
    return range;
  };
  for (size_t group = 0; group < parts.footer.row_groups.size(); ++group) {
    for (size_t i = 0; i < parts.footer.row_groups[group].columns.size(); ++i) {
      ColumnChunkMetadata& chunk = parts.footer.row_groups[group].columns[i];
      ThriftWriter offsets;
      WriteOffsetIndex(parts.offset_indexes[group][i], offsets);
      chunk.offset_index = append(offsets);
      if (!parts.column_indexes[group][i]) continue;
      ThriftWriter bounds;
      WriteColumnIndex(*parts.column_indexes[group][i], bounds);
      chunk.column_index = append(bounds);
    }
  }
  const auto crc = Crc32(0, {reinterpret_cast<const uint8_t*>(tail.data()), tail.size()});
  parts.footer.key_values.pop_back();
  AddTailItem(parts.footer.key_values);
  std::string end = EncodeParquetMetadata(parts.footer);
  const size_t footer_bytes = end.size();
  for (int shift = 0; shift < 32; shift += 8) end.push_back(static_cast<char>(footer_bytes >> shift));
  end += "PAR1";
  SealTail(end, static_cast<int64_t>(tail.size()), crc);
  return parts.data + tail + end;
}

template <typename T>
std::string Plain(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

class ClaimCheckTest : public testing::Test {
 protected:
  void Write(const Batch& rows, const DataFileSettings& settings) {
    SLEEPER_CHECK(objects_.Delete(std::vector{kPath}, {}).ok(), "delete");
    auto writer = ValueOf(DataFileWriter::Open(objects_, kPath, rows.shared_layout(), settings, {}));
    const Status written = writer->Write(rows);
    SLEEPER_CHECK(written.ok(), written.ToString());
    summary_ = ValueOf(writer->Finish());
    layout_ = rows.shared_layout();
  }

  Result<std::shared_ptr<const DataFileReader>> TryOpen() {
    const int64_t size = ValueOf(objects_.Head(kPath, {})).size;
    return DataFileReader::Open(store_, kPath, size, 0, layout_, {});
  }

  std::shared_ptr<const DataFileReader> Open() { return ValueOf(TryOpen()); }

  Parts Read() {
    const Buffer bytes = ValueOf(objects_.Get(kPath, {})).bytes;
    const Buffer tail = bytes.Slice({bytes.size() - summary_.tail_bytes, summary_.tail_bytes});
    FileIndex index = ValueOf(ReadFileIndex(tail, bytes.size(), layout_->schema()));
    Parts parts{.data = std::string(bytes.view().substr(0, static_cast<size_t>(bytes.size() - tail.size())))};
    for (size_t group = 0; group < index.row_groups.size(); ++group) {
      auto& columns = parts.column_indexes.emplace_back();
      auto& offsets = parts.offset_indexes.emplace_back();
      for (size_t i = 0; i < index.row_groups[group].leaves.size(); ++i) {
        offsets.push_back(index.row_groups[group].leaves[i].pages);
        columns.push_back(ValueOf(ReadColumnIndex(tail, bytes.size(), index.footer.row_groups[group].columns[i])));
      }
    }
    parts.footer = std::move(index.footer);
    return parts;
  }

  /// What the check says of the file.
  Status Check(int64_t batch_rows_max = 4096) {
    TRY_ASSIGN(const auto reader, TryOpen());
    const auto check = reader->CheckClaims({});
    const auto rows = reader->Scan({.batch_rows_max = batch_rows_max}, {});
    for (;;) {
      TRY_ASSIGN(const auto batch, rows->Next());
      if (!batch) return Status::OK();
      TRY(check->Add(*batch));
    }
  }

  /// The same of the file with another tail, or with other data.
  Status CheckWith(const std::function<void(Parts&)>& change) {
    const Buffer before = ValueOf(objects_.Get(kPath, {})).bytes;
    Parts parts = Read();
    change(parts);
    Put(FileOf(std::move(parts)));
    const Status status = Check();
    Put(std::string(before.view()));
    return status;
  }

  void Put(const std::string& bytes) {
    SLEEPER_CHECK(objects_.Put(kPath, Buffer::CopyOf(bytes), store::PutMode::kReplace, {}).ok(), "put");
  }

  /// Numbers from 0 to 9 with texts, some of them null, and floating-point numbers; two row groups of two pages each.
  void WriteTenRows() {
    const auto layout = columnar::LayoutOf(R"({
        "rowKeyFields": [{"name": "key", "type": "LongType"}],
        "valueFields": [{"name": "text", "type": "StringType", "nullable": true}, {"name": "d", "type": "DoubleType"}]
        })");
    Write(BatchOf(layout, {"[0,1,2,3,4,5,6,7,8,9]", R"(["b","c",null,"d",null,null,null,"x","y","zebra"])",
                           "[1.5,2,-1,0,7,1,1,1,1,NaN]"}),
          {.row_group_rows_max = 6,
           .page_rows_max = 3,
           .statistics_bytes_max = 4,
           .value_column_indexes = true,
           .column_index_bytes_max = 3,
           .bloom_filter_fields = {"key", "text"}});
  }

  SystemClock clock_;
  store::MemoryStore objects_{clock_};
  store::FaultyStore store_{objects_};
  DataFileSummary summary_;
  std::shared_ptr<const columnar::Layout> layout_;
};

TEST_F(ClaimCheckTest, WhatIsWrittenIsTrueOfEveryTypeAndHoweverItIsCut) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const Batch unsorted = columnar::RandomBatch(columnar::LayoutOfAllTypes(), 60, random);
    const Batch rows = columnar::SortedCopy({&unsorted, 1});
    DataFileSettings settings{.row_group_rows_max = 10 + static_cast<int64_t>(random.Below(80)),
                              .page_rows_max = 5 + static_cast<int64_t>(random.Below(60)),
                              .page_bytes_max = 100 + static_cast<int64_t>(random.Below(500)),
                              .statistics_bytes_max = 1 + static_cast<int64_t>(random.Below(9)),
                              .value_column_indexes = random.Below(2) == 0,
                              .column_index_bytes_max = 1 + static_cast<int64_t>(random.Below(9))};
    for (const model::Field& field : rows.layout().schema().fields()) {
      if (random.Below(2) == 0) settings.bloom_filter_fields.push_back(field.name);
    }
    Write(rows, settings);
    ASSERT_TRUE(Check(1 + static_cast<int64_t>(random.Below(50))).ok()) << Check().ToString();
    ASSERT_TRUE(CheckWith([](Parts&) {}).ok()) << "a file that is put together again";
  }
}

TEST_F(ClaimCheckTest, ATrueFileIsNotRefused) {
  WriteTenRows();
  const Parts parts = Read();
  ASSERT_EQ(parts.footer.row_groups.size(), 2U);
  EXPECT_EQ(parts.footer.row_groups[0].columns[1].statistics->nulls, 3);
  EXPECT_FALSE(parts.footer.row_groups[1].columns[1].statistics->is_max_exact);
  EXPECT_FALSE(parts.footer.row_groups[1].columns[2].statistics->min) << "a value is no number";
  EXPECT_TRUE(parts.column_indexes[0][1]->null_pages == (std::vector<bool>{false, false}));
  EXPECT_TRUE(Check().ok()) << Check().ToString();
}

TEST_F(ClaimCheckTest, AnUntrueStatisticIsFoundAndNamesRowGroupAndField) {
  WriteTenRows();
  const auto fails = [&](const std::string& what, const std::function<void(Parts&)>& change) {
    EXPECT_THAT(CheckWith(change), Fails(ErrorKind::kCorrupt, StartsWith(what)));
  };
  fails("row group 0, field key: statistics: a value is below the lower bound",
        [](Parts& parts) { parts.statistics(0, 0).min = Plain<int64_t>(1); });
  fails("row group 0, field key: statistics: the lower bound is called exact, and is none of the values",
        [](Parts& parts) { parts.statistics(0, 0).min = Plain<int64_t>(-1); });
  fails("row group 1, field key: statistics: a value is above the upper bound",
        [](Parts& parts) { parts.statistics(1, 0).max = Plain<int64_t>(8); });
  fails("row group 1, field key: statistics: the upper bound is called exact",
        [](Parts& parts) { parts.statistics(1, 0).max = Plain<int64_t>(10); });
  fails("row group 1, field key: statistics: a bound of another type",
        [](Parts& parts) { parts.statistics(1, 0).max = "9"; });
  fails("row group 0, field text: statistics: 2 nulls, and there are 3",
        [](Parts& parts) { parts.statistics(0, 1).nulls = 2; });
  fails("row group 1, field text: statistics: a value is above the upper bound",
        [](Parts& parts) { parts.statistics(1, 1).max = "zebq"; });
  fails("row group 0, field d: statistics: a value is below the lower bound",
        [](Parts& parts) { parts.statistics(0, 2).min = Plain(-0.5); });
  fails("row group 1, field d: statistics: bounds of values of which one is no number",
        [](Parts& parts) { parts.statistics(1, 2).min = Plain(1.0); });
  EXPECT_TRUE(CheckWith([](Parts& parts) {
                parts.statistics(0, 0).min = Plain<int64_t>(-1);
                parts.statistics(0, 0).is_min_exact = false;
              }).ok())
      << "what is beyond all values is true, if it is not called one of them";
}

TEST_F(ClaimCheckTest, AnUntrueColumnIndexIsFoundAndNamesThePage) {
  WriteTenRows();
  const auto fails = [&](const std::string& what, const std::function<void(Parts&)>& change) {
    EXPECT_THAT(CheckWith(change), Fails(ErrorKind::kCorrupt, StartsWith(what)));
  };
  fails("row group 0, field key: column index, page 1: a value is below the lower bound",
        [](Parts& parts) { parts.index(0, 0).min_values[1] = Plain<int64_t>(4); });
  fails("row group 0, field text: column index, page 0: a value is above the upper bound",
        [](Parts& parts) { parts.index(0, 1).max_values[0] = "bz"; });
  fails("row group 0, field text: column index, page 1: 1 nulls, and there are 2",
        [](Parts& parts) { parts.index(0, 1).null_counts[1] = 1; });
  fails("row group 0, field text: column index, page 1: it is wrong about whether there are values",
        [](Parts& parts) { parts.index(0, 1).null_pages[1] = true; });
  fails("row group 0, field d: column index: the bounds of page 1 are not in the order that it names",
        [](Parts& parts) { parts.index(0, 2).order = BoundaryOrder::kDescending; });
  fails("row group 0, field text: a column index and its offset index differ in their number of pages",
        [](Parts& parts) {
          ColumnIndex& index = parts.index(0, 1);
          index.null_pages.pop_back();
          index.null_counts.pop_back();
          index.min_values.pop_back();
          index.max_values.pop_back();
        });
}

TEST_F(ClaimCheckTest, BytesOfAColumnThatItsPagesDoNotHaveAreRefusedAtOnce) {
  WriteTenRows();
  const auto with = [&](const std::function<void(ColumnChunkMetadata&)>& change) {
    return CheckWith([&](Parts& parts) { change(parts.footer.row_groups[0].columns[1]); });
  };
  // Whoever copies a row group adds them up.
  const std::string wrong = "the footer has another size of column text";
  for (const int64_t more : {int64_t{-1}, int64_t{1}, INT64_MAX / 4}) {
    EXPECT_THAT(with([&](ColumnChunkMetadata& chunk) { chunk.compressed_bytes += more; }),
                Fails(ErrorKind::kCorrupt, HasSubstr(wrong)));
  }
  for (const int64_t bytes : {int64_t{-1}, INT64_MAX / 4}) {
    EXPECT_THAT(with([&](ColumnChunkMetadata& chunk) { chunk.uncompressed_bytes = bytes; }),
                Fails(ErrorKind::kCorrupt, HasSubstr(wrong)));
  }
}

TEST_F(ClaimCheckTest, ABitOfABloomFilterThatWasLostIsFoundByItsChecksum) {
  WriteTenRows();
  for (const size_t column : {0, 1}) {
    const std::string field = column == 0 ? "key" : "text";
    EXPECT_THAT(
        CheckWith([&](Parts& parts) {
          const ByteRange& filter = parts.footer.row_groups[1].columns[column].bloom_filter;
          char& byte = parts.data[static_cast<size_t>(filter.end()) - 5];
          byte = static_cast<char>(byte ^ 16);
        }),
        Fails(ErrorKind::kCorrupt, "row group 1, field " + field + ": the checksum of a Bloom filter is wrong"));
  }
}

TEST_F(ClaimCheckTest, AValueThatABloomFilterLacksIsFoundThoughTheChecksumIsRight) {
  WriteTenRows();
  EXPECT_THAT(CheckWith([](Parts& parts) {
                const ByteRange& filter = parts.footer.row_groups[1].columns[1].bloom_filter;
                const std::string empty(32, '\0');
                ASSERT_GT(filter.size, 32);
                parts.data.replace(static_cast<size_t>(filter.end()) - empty.size(), empty.size(), empty);
                for (auto& [name, value] : parts.footer.key_values) {
                  if (name != "sleeper.bloom-filters") continue;
                  const auto crc = Crc32(0, {reinterpret_cast<const uint8_t*>(empty.data()), empty.size()});
                  value.replace(value.size() - 8, 8, fmt::format("{:08x}", crc));
                }
              }),
              // Rows 6 to 9 are this row group; 6 is null.
              Fails(ErrorKind::kCorrupt, "row group 1, field text: its Bloom filter lacks the value of row 1"));
}

TEST_F(ClaimCheckTest, WhatIsSaidOfARowGroupAsAWholeIsCompared) {
  WriteTenRows();
  const auto said = [](Parts& parts) -> std::string& {
    for (auto& [name, value] : parts.footer.key_values) {
      if (name == "sleeper.row-groups") return value;
    }
    SLEEPER_CHECK(false, "nothing is said of row groups");
  };
  const std::string wrong = "row group 0: its rows are not those that the footer says";
  // "<hash>,<first key>,<last key>,<checksum> …": the two hashes change places, so that they still add up.
  EXPECT_THAT(CheckWith([&](Parts& parts) {
                std::string& text = said(parts);
                const size_t second = text.find(' ') + 1;
                const size_t size = text.find(',');
                const std::string first_hash = text.substr(0, size);
                text.replace(0, size, text, second, size);
                text.replace(second, size, first_hash);
              }),
              Fails(ErrorKind::kCorrupt, wrong));
  EXPECT_THAT(CheckWith([&](Parts& parts) {
                std::string& text = said(parts);
                const size_t key = text.find(',') + 1;
                text.replace(key, text.find(',', key) - key, text, text.find(',', key) + 1, text.find(',', key) - key);
              }),
              Fails(ErrorKind::kCorrupt, wrong));
}

TEST_F(ClaimCheckTest, AStoreThatFailsIsNoFaultOfTheFile) {
  WriteTenRows();
  const auto reader = Open();
  const auto check = reader->CheckClaims({});
  const auto batch = ValueOf(reader->Scan({}, {})->Next());
  store_.AddRule({.error = ErrorKind::kUnavailable, .count = store::kEveryCall});
  EXPECT_THAT(check->Add(*batch), Fails(ErrorKind::kUnavailable, HasSubstr("")));
}

}  // namespace
}  // namespace sleeper::file
