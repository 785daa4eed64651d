// Merging straight from pages to pages gives what merging batches gives.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/background_reads.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/file/page_input.h"
#include "sleeper/file/row_proof.h"
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

Batch SortedRows(int64_t rows, Random& random) {
  const Batch unsorted = columnar::RandomBatch(FlatLayout(), rows, random);
  return columnar::SortedCopy({&unsorted, 1});
}

/// Pages that end where they like: aligned or not, short or long.
DataFileSettings RandomSettings(Random& random) {
  DataFileSettings settings;
  settings.page_rows_max = random.Below(2) == 0 ? 2048 : 1 + static_cast<int64_t>(random.Below(60));
  settings.page_bytes_max = random.Below(2) == 0 ? 128 << 10 : 1 + static_cast<int64_t>(random.Below(500));
  settings.row_group_rows_max = 1 + static_cast<int64_t>(random.Below(400));
  if (random.Below(3) == 0) settings.value_encoding = model::FieldEncoding::kDictionary;
  settings.value_column_indexes = random.Below(2) == 0;
  return settings;
}

class PageMergeTest : public testing::Test {
 protected:
  std::shared_ptr<const DataFileReader> WriteFile(const Batch& rows, const DataFileSettings& settings) {
    const store::ObjectPath path("data/" + std::to_string(files_++) + ".parquet");
    auto writer = ValueOf(DataFileWriter::Open(store_, path, rows.shared_layout(), settings, {}));
    SLEEPER_CHECK(writer->Write(rows).ok(), "write");
    return Reopen(path, ValueOf(writer->Finish()));
  }

  std::shared_ptr<const DataFileReader> Reopen(const store::ObjectPath& path, const DataFileSummary& summary) {
    return ValueOf(DataFileReader::Open(store_, path, summary.size_bytes, summary.tail_bytes, FlatLayout(), {}));
  }

  struct Merged {
    DataFileSummary summary;
    std::shared_ptr<const DataFileReader> file;
    std::vector<model::RowHash> hashes;
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
    TRY_ASSIGN(auto writer, DataFileWriter::Open(store_, path, FlatLayout(), settings, {}));
    while (open > 0) {
      const rows::MergeStep step = plan.Next(writer->step_rows_max());
      TRY(writer->Write(heads, step));
      if (step.starved_input >= 0) TRY(refill(static_cast<size_t>(step.starved_input)));
    }
    Merged merged;
    TRY_ASSIGN(merged.summary, writer->Finish());
    merged.file = Reopen(path, merged.summary);
    for (const auto& input : inputs) merged.hashes.push_back(input->row_hash());
    return merged;
  }

  static std::vector<Batch> Rows(const DataFileReader& file, const model::KeyInterval& interval) {
    ScanRequest request;
    request.intervals = {interval};
    return ValueOf(rows::Collect(*file.Scan(request, {})));
  }

  static model::RowHash HashOf(const std::vector<Batch>& batches) {
    columnar::RowHasher hasher(FlatLayout());
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
  for (uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::vector<std::shared_ptr<const DataFileReader>> files;
    std::vector<std::unique_ptr<rows::RowStream>> streams;
    model::KeyInterval interval;
    const auto count = 1 + random.Below(5);
    for (uint64_t i = 0; i < count; ++i) {
      files.push_back(
          WriteFile(SortedRows(1 + static_cast<int64_t>(random.Below(700)), random), RandomSettings(random)));
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
    const std::vector<Batch> expected = ValueOf(rows::Collect(*rows::Merge(FlatLayout(), std::move(streams))));
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

TEST_F(PageMergeTest, NamesTheFileAndTheFieldOfADamagedPage) {
  SeededRandom random(5);
  const auto good = WriteFile(SortedRows(200, random), {});
  const auto bad = WriteFile(SortedRows(200, random), {});
  const store::ObjectPath path("data/1.parquet");
  Buffer bytes = ValueOf(store_.Get(path, {})).bytes;
  std::string damaged(bytes.view());
  damaged[damaged.find("PAR1") + 4 + 200] ^= 1;
  ASSERT_TRUE(store_.Delete(std::vector{path}, {}).ok());
  ASSERT_TRUE(store_.Put(path, Buffer::FromString(damaged), store::PutMode::kIfAbsent, {}).ok());
  EXPECT_THAT(Merge({good, bad}, model::KeyInterval::All(), {}, {}).status(),
              Fails(ErrorKind::kCorrupt, AllOf(HasSubstr("data/1.parquet"), HasSubstr("field text"))));
}

/// Shows columns of a batch to a proof as a writer does.
Status Prove(RowProof& proof, const Batch& batch) {
  const std::vector<Leaf> leaves = LeavesOf(FlatLayout()->schema());
  proof.Begin(batch.rows());
  for (size_t leaf = 0; leaf < leaves.size(); ++leaf) {
    PageRows page(leaves[leaf].shape);
    // In two parts, the second of them on a page that has rows already.
    for (const auto& [begin, count] :
         {std::pair<int64_t, int64_t>{0, batch.rows() / 3},
          std::pair<int64_t, int64_t>{batch.rows() / 3, batch.rows() - batch.rows() / 3}}) {
      const RowProof::Mark mark = RowProof::Mark::Of(page);
      page.Append(*batch.arrow()->column_data(static_cast<int>(leaf)), begin, count);
      proof.Add(leaf, page, mark, begin);
    }
  }
  return proof.End();
}

TEST(RowProof, HashesAsBatchesAreHashed) {
  SeededRandom random(9);
  const Batch rows = SortedRows(500, random);
  RowProof proof(FlatLayout()->schema());
  for (const Batch& piece : columnar::CutIntoPieces(rows, 37)) ASSERT_TRUE(Prove(proof, piece).ok());
  columnar::RowHasher hasher(FlatLayout());
  hasher.Add(rows);
  EXPECT_EQ(proof.sum(), hasher.sum());
}

TEST(RowProof, FindsTheFirstRowThatIsOutOfOrderByAnyKeyField) {
  SeededRandom random(3);
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom rows_random(seed);
    const Batch unsorted = columnar::RandomBatch(FlatLayout(), 30, rows_random);
    const Batch rows = columnar::SortedCopy({&unsorted, 1});
    columnar::KeyColumn keys;
    ASSERT_TRUE(keys.Encode(rows).ok());
    // The row before which the last one is put, if that one is greater.
    const auto at = static_cast<int64_t>(random.Below(29));
    RowProof proof(FlatLayout()->schema());
    ASSERT_TRUE(Prove(proof, rows.Slice(0, at)).ok());
    ASSERT_TRUE(Prove(proof, rows.Slice(29, 1)).ok());
    const Status status = Prove(proof, rows.Slice(at, 29 - at));
    if (keys.key(at) == keys.key(29)) {
      EXPECT_TRUE(status.ok());
    } else {
      EXPECT_THAT(status, Fails(ErrorKind::kInternal, HasSubstr("row " + std::to_string(at + 1))));
    }
  }
}

}  // namespace
}  // namespace sleeper::file
