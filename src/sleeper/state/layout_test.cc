#include "sleeper/state/layout.h"

#include <string>

#include <gtest/gtest.h>

#include "sleeper/state/packed_file_id.h"

namespace sleeper::state {
namespace {

const model::TableId kTable("0123456789abcdef");

TEST(Layout, NumbersSortUpAndDown) {
  EXPECT_EQ(FormatUp(255), "00000000000000ff");
  EXPECT_EQ(FormatDown(0), "ffffffffffffffff");
  EXPECT_EQ(FormatDown(255), "ffffffffffffff00");
  EXPECT_LT(FormatUp(9), FormatUp(10));
  EXPECT_GT(FormatDown(9), FormatDown(10));
  EXPECT_EQ(ParseDown(FormatDown(1234567)), 1234567U);
  for (const char* text : {"", "ff", "00000000000000fF", "00000000000000fg", "00000000000000ff0"}) {
    EXPECT_EQ(ParseUp(text), std::nullopt) << text;
  }
}

TEST(Layout, PutsTheObjectsOfATableBelowItsId) {
  const LogLayout layout = LogLayout::ForTable(kTable);
  EXPECT_EQ(layout.EntryPath(1).value(), "tables/0123456789abcdef/log/fffffffffffffffe");
  EXPECT_EQ(layout.SnapshotPath(2).value(), "tables/0123456789abcdef/snapshots/fffffffffffffffd");
  EXPECT_EQ(LogLayout::ForRegistry().EntryPath(1).value(), "registry/log/fffffffffffffffe");
  EXPECT_EQ(InstanceFilePath().value(), "sleeper.json");
  EXPECT_EQ(layout.EntryNumber(layout.EntryPath(77)), 77U);
  EXPECT_EQ(layout.EntryNumber(layout.SnapshotPath(77)), std::nullopt);
  EXPECT_EQ(layout.SnapshotNumber(store::ObjectPath("tables/0123456789abcdef/snapshots/other")), std::nullopt);
}

TEST(Layout, NamesDataFilesByBirthAndSpreadsThem) {
  const model::FileId file = PackedFileId::Make(7, 0xab00000000000001);
  EXPECT_EQ(file.value(), "ab/0000000000000007-ab00000000000001");
  EXPECT_EQ(DataFilePath(kTable, file).value(),
            "tables/0123456789abcdef/data/ab/0000000000000007-ab00000000000001.parquet");
  EXPECT_EQ(FileOfPath(kTable, DataFilePath(kTable, file)), file);
  EXPECT_EQ(BirthOf(file), 7U);
  EXPECT_EQ(FileOfPath(kTable, store::ObjectPath("tables/0123456789abcdef/data/ab/notes.parquet")), std::nullopt);
}

TEST(Layout, TellsNamesOfFilesFromOtherNames) {
  for (const char* name : {"", "a", "ab/0000000000000007-cd00000000000001", "ab-0000000000000007-ab00000000000001",
                           "ab/0000000000000007-AB00000000000001", "ab/0000000000000007_ab00000000000001"}) {
    EXPECT_EQ(BirthOf(model::FileId(name)), std::nullopt) << name;
  }
}

TEST(Layout, MakesNamesThatDiffer) {
  SeededRandom random(1);
  EXPECT_NE(MakeFileId(5, random), MakeFileId(5, random));
  EXPECT_TRUE(IsTableId(MakeTableId(random)));
  EXPECT_EQ(BirthOf(MakeInboxFileId(5, random)), 5U);
  EXPECT_EQ(BirthOf(InboxFileId("5-x")), std::nullopt);
}

TEST(PackedFileId, SortsByBirth) {
  const PackedFileId old = *PackedFileId::Pack(PackedFileId::Make(5, ~0ULL));
  const PackedFileId young = *PackedFileId::Pack(PackedFileId::Make(6, 0));
  EXPECT_LT(old.bytes(), young.bytes());
  EXPECT_EQ(young.birth(), 6U);
  EXPECT_EQ(PackedFileId::Unpack(old.bytes()), PackedFileId::Make(5, ~0ULL));
}

}  // namespace
}  // namespace sleeper::state
