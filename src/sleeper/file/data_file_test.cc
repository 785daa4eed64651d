#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/recording_store.h"

namespace sleeper::file {
namespace {

using columnar::Batch;
using columnar::BatchOf;
using columnar::TextOf;
using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const store::ObjectPath kPath("data/file.parquet");

class DataFileTest : public testing::Test {
 protected:
  DataFileSummary Write(const std::vector<Batch>& batches, const DataFileSettings& settings = {}) {
    auto writer = ValueOf(DataFileWriter::Open(store_, kPath, batches.front().shared_layout(), settings, {}));
    for (const Batch& batch : batches) {
      const Status written = writer->Write(batch);
      SLEEPER_CHECK(written.ok(), written.ToString());
    }
    return ValueOf(writer->Finish());
  }

  std::shared_ptr<const DataFileReader> Open(const DataFileSummary& summary,
                                             std::shared_ptr<const columnar::Layout> layout) {
    return ValueOf(DataFileReader::Open(store_, kPath, summary.size_bytes, summary.tail_bytes, std::move(layout), {}));
  }

  std::vector<std::string> Read(const DataFileReader& reader, const ScanRequest& request = {}) {
    return TextOf(ValueOf(rows::Collect(*reader.Scan(request, {}))));
  }

  SystemClock clock_;
  store::MemoryStore store_{clock_};
};

TEST_F(DataFileTest, AFileOfEveryTypeComesBackAsItWasWritten) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const Batch unsorted = columnar::RandomBatch(columnar::LayoutOfAllTypes(), 300, random);
    const Batch batch = columnar::SortedCopy({&unsorted, 1});
    ASSERT_TRUE(store_.Delete(std::vector{kPath}, {}).ok());
    const DataFileSummary summary =
        Write(columnar::CutIntoPieces(batch, 37), {.row_group_rows_max = 110, .page_rows_max = 20});
    const auto reader = Open(summary, batch.shared_layout());
    EXPECT_EQ(reader->summary(), summary);
    EXPECT_EQ(Read(*reader), TextOf(batch));
    EXPECT_EQ(Read(*reader, {.batch_rows_max = 7, .window_bytes_max = 1}), TextOf(batch));
  }
}

}  // namespace
}  // namespace sleeper::file
