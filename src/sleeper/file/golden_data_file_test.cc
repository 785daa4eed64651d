// Data files of earlier versions of this program stay readable. The bytes in tests/golden/file/ are never replaced: a
// new format adds a file.

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/claim_check.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::file {
namespace {

using model::ValueOf;

std::string ReadGolden(const std::string& name) {
  std::ifstream in(SLEEPER_SOURCE_FOLDER "/tests/golden/file/" + name, std::ios::binary);
  SLEEPER_CHECK(in.good(), "no golden file ", name);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

TEST(GoldenDataFile, Format1HoldsTheRowsThatWereWritten) {
  const std::string bytes = ReadGolden("format-1.parquet");
  SystemClock clock;
  store::MemoryStore store(clock);
  const store::ObjectPath path("golden.parquet");
  ASSERT_TRUE(store.Put(path, Buffer::CopyOf(bytes), store::PutMode::kIfAbsent, {}).ok());
  const auto layout = columnar::LayoutOfAllTypes();
  const auto reader = ValueOf(DataFileReader::Open(store, path, static_cast<int64_t>(bytes.size()), 0, layout, {}));

  const auto check = reader->CheckClaims({});
  // The row hash stands for every value of every type.
  columnar::RowHasher hasher(layout);
  for (const columnar::Batch& batch : ValueOf(rows::Collect(*reader->Scan({}, {})))) {
    EXPECT_TRUE(columnar::Batch::Make(layout, batch.arrow()).ok());
    hasher.Add(batch);
    const Status claims = check->Add(batch);
    EXPECT_TRUE(claims.ok()) << claims.ToString();
  }
  EXPECT_EQ(hasher.sum(), (model::RowHash{0xee563d71cbe1aba0, 0x8a1436581020eb7c}));
  EXPECT_EQ(reader->summary().row_hash, hasher.sum());
  EXPECT_EQ(reader->summary().rows, 40);
  EXPECT_EQ(reader->page_keys().size(), 5);
}

}  // namespace
}  // namespace sleeper::file
