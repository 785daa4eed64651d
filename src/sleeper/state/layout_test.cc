#include "sleeper/state/layout.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sleeper/state/packed_file_id.h"
#include "sleeper/store/path_rules.h"

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

/// Objects of every kind, of several tables and numbers.
std::vector<store::ObjectPath> PathsOfEveryKind() {
  SeededRandom random(1);
  std::vector<store::ObjectPath> paths = {InstanceFilePath()};
  for (const LogLayout& layout :
       {LogLayout::ForRegistry(), LogLayout::ForTable(kTable), LogLayout::ForTable(MakeTableId(random))}) {
    for (const model::LogNumber number : {0UL, 1UL, 15UL, 16UL, 4095UL, 1UL << 40, ~0UL}) {
      paths.push_back(layout.EntryPath(number));
      paths.push_back(layout.SnapshotPath(number));
      paths.push_back(layout.BodyPath(MakeFileId(number, random)));
    }
  }
  for (const model::TableId& table : {kTable, MakeTableId(random)}) {
    for (int i = 0; i < 200; ++i) {
      const model::LogNumber birth = random.Below(300);
      paths.push_back(DataFilePath(table, MakeFileId(birth, random)));
      paths.push_back(InboxFilePath(table, MakeInboxFileId(birth, random)));
      paths.emplace_back(PlanPrefix(table).value() + FormatUp(birth) + "-" + random.Hex(16));
      paths.emplace_back(ClaimPrefix(table).value() + FormatUp(birth) + "/" + random.Hex(16));
    }
  }
  return paths;
}

TEST(Layout, ComesInOneOrderWhetherAStoreListsByKeysOrByFolders) {
  std::vector<store::ObjectPath> paths = PathsOfEveryKind();
  std::sort(paths.begin(), paths.end());
  for (size_t i = 1; i < paths.size(); ++i)
    EXPECT_TRUE(store::ComesFirstByFolder(paths[i - 1].value(), paths[i].value())) << paths[i - 1] << ", " << paths[i];
}

TEST(Layout, UsesNoCharacterThatAStoreMayTakeForAnother) {
  for (const store::ObjectPath& path : PathsOfEveryKind())
    EXPECT_EQ(path.value().find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz./-"), std::string::npos) << path;
}

TEST(Layout, HasNoObjectThatIsAFolderOfAnother) {
  std::set<std::string> objects;
  for (const store::ObjectPath& path : PathsOfEveryKind()) objects.insert(path.value());
  for (const std::string& path : objects) {
    for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
      EXPECT_FALSE(objects.contains(path.substr(0, slash))) << path;
  }
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
