// Inputs of the fuzz target data_file_fuzz, and how they get behind the checksums.

#include "sleeper/file/testing/sealed_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/file/page_input.h"
#include "sleeper/file/testing/written_file.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::file {
namespace {

using columnar::TextOf;
using model::Fails;
using model::ValueOf;
using testing::HasSubstr;

const store::ObjectPath kPath("seed.parquet");

class SealedFileTest : public testing::Test {
 protected:
  /// The bytes of a seed as it is written today.
  std::string Written(const SeedFile& seed) {
    SLEEPER_CHECK(store_.Delete(std::vector{kPath}, {}).ok(), "delete");
    WriteDataFile(store_, kPath, SeedRows(), seed.settings);
    return std::string(ValueOf(store_.Get(kPath, {})).bytes.view());
  }

  Result<std::shared_ptr<const DataFileReader>> Open(const std::string& bytes) {
    SLEEPER_CHECK(store_.Put(kPath, Buffer::CopyOf(bytes), store::PutMode::kReplace, {}).ok(), "put");
    return DataFileReader::Open(store_, kPath, static_cast<int64_t>(bytes.size()), 0, columnar::LayoutOfAllTypes(), {});
  }

  static Result<std::vector<columnar::Batch>> RowsOf(const DataFileReader& reader) {
    return rows::Collect(*reader.Scan({}, {}));
  }

  /// Takes all row groups, whose pages and filters are proved on the way, and returns how many.
  static Result<int> CopyRowGroups(const DataFileReader& reader, const DataFileSettings& settings) {
    TRY_ASSIGN(const auto pages, reader.OpenPages({.copied_for = &settings, .decoder = MakePageDecoder()}, {}));
    int row_groups = 0;
    for (; pages->NextWholeRowGroup() != nullptr; ++row_groups) TRY(pages->TakeRowGroup().status());
    return row_groups;
  }

  SystemClock clock_;
  store::MemoryStore store_{clock_};
};

TEST_F(SealedFileTest, AFileThatFitsStaysAsItIs) {
  for (const SeedFile& seed : SeedFiles()) {
    const std::string bytes = Written(seed);
    EXPECT_TRUE(SealDataFile(bytes) == bytes) << seed.name;
  }
}

TEST_F(SealedFileTest, AChangedPageIsReadBehindItsChecksum) {
  const SeedFile& seed = SeedFiles().front();
  std::string bytes = Written(seed);
  const auto seed_reader = ValueOf(Open(bytes));
  const ColumnChunkMetadata chunk = seed_reader->footer().row_groups[1].columns[6];
  ASSERT_EQ(chunk.path, std::vector<std::string>{"int"});
  const std::vector<std::string> rows = TextOf(ValueOf(RowsOf(*seed_reader)));
  // The last byte of its last page.
  char& byte = bytes[static_cast<size_t>(chunk.data_page_offset + chunk.compressed_bytes - 1)];
  byte = static_cast<char>(byte ^ 1);
  EXPECT_THAT(RowsOf(*ValueOf(Open(bytes))).status(), Fails(ErrorKind::kCorrupt, HasSubstr("checksum")));
  EXPECT_THAT(CopyRowGroups(*ValueOf(Open(bytes)), seed.settings).status(),
              Fails(ErrorKind::kCorrupt, HasSubstr("checksum")));

  const auto sealed = ValueOf(Open(SealDataFile(bytes)));
  const std::vector<std::string> others = TextOf(ValueOf(RowsOf(*sealed)));
  ASSERT_EQ(others.size(), rows.size());
  EXPECT_NE(others, rows);
  // The headers have other checksums than those that the footer has proved.
  EXPECT_EQ(ValueOf(CopyRowGroups(*sealed, seed.settings)), 2);
}

TEST_F(SealedFileTest, AChangedFilterAndAChangedTailAreReadBehindTheirChecksums) {
  const SeedFile& seed = SeedFiles().front();
  std::string bytes = Written(seed);
  const auto seed_reader = ValueOf(Open(bytes));
  const ByteRange filter = seed_reader->footer().row_groups[0].columns[0].bloom_filter;
  ASSERT_GT(filter.size, 0);
  char& byte = bytes[static_cast<size_t>(filter.offset + filter.size - 1)];
  byte = static_cast<char>(byte ^ 1);
  EXPECT_THAT(CopyRowGroups(*ValueOf(Open(bytes)), seed.settings).status(),
              Fails(ErrorKind::kCorrupt, HasSubstr("filter")));
  EXPECT_EQ(ValueOf(CopyRowGroups(*ValueOf(Open(SealDataFile(bytes))), seed.settings)), 2);

  const size_t name = bytes.rfind("sleeper.settings");
  ASSERT_NE(name, std::string::npos);
  bytes[name] = 'S';
  EXPECT_THAT(Open(bytes).status(), Fails(ErrorKind::kCorrupt, HasSubstr("checksum")));
  EXPECT_TRUE(Open(SealDataFile(bytes)).ok());
}

TEST_F(SealedFileTest, BytesThatAreNoFileStayAsTheyAre) {
  const std::string bytes = Written(SeedFiles().back());
  for (const std::string& part : {std::string(), std::string("PAR1"), bytes.substr(0, 1000)}) {
    EXPECT_EQ(SealDataFile(part), part);
  }
  // What is there still is sealed, whatever is missing in front of it.
  EXPECT_NO_FATAL_FAILURE(static_cast<void>(SealDataFile(bytes.substr(2000))));
}

/// The names of the items in a footer.
std::set<std::string> ItemsOf(const DataFileReader& reader) {
  std::set<std::string> names;
  for (const auto& [name, value] : reader.footer().key_values) names.insert(name);
  return names;
}

TEST_F(SealedFileTest, TheCorpusHoldsAllThatFilesOfTodayHold) {
  for (const SeedFile& seed : SeedFiles()) {
    SCOPED_TRACE(seed.name);
    const std::string written = Written(seed);
    const auto today = ValueOf(Open(written));
    const std::set<std::string> items = ItemsOf(*today);
    const std::vector<std::string> rows = TextOf(ValueOf(RowsOf(*today)));
    // What to put into the corpus if this fails.
    const auto fresh = std::filesystem::path(testing::TempDir()) / seed.name;
    std::ofstream(fresh, std::ios::binary) << written;
    SCOPED_TRACE("as files are written today: " + fresh.string());

    std::ifstream in(SLEEPER_SOURCE_FOLDER "/tests/fuzz/corpus/data_file/" + seed.name, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    const auto reader = Open(bytes);
    EXPECT_TRUE(reader.ok()) << reader.status().ToString();
    if (!reader.ok()) continue;
    EXPECT_TRUE(SealDataFile(bytes) == bytes);
    EXPECT_EQ(ItemsOf(**reader), items);
    EXPECT_TRUE(items.contains("sleeper.tail") && items.contains("sleeper.row-groups"));
    EXPECT_EQ(items.contains("sleeper.bloom-filters"), !seed.settings.bloom_filter_fields.empty());
    EXPECT_EQ(TextOf(ValueOf(RowsOf(**reader))), rows);
    // Its settings are known to the driver, which so takes whole row groups.
    EXPECT_GT(ValueOf(CopyRowGroups(**reader, seed.settings)), 1);
  }
}

}  // namespace
}  // namespace sleeper::file
