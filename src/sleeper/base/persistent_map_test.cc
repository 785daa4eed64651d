#include "sleeper/base/persistent_map.h"

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"

namespace sleeper {
namespace {

using ::testing::ElementsAre;
using Oracle = std::map<std::pair<std::string, std::string>, std::string>;

PersistentMap MapOf(const std::map<std::string, std::string>& entries) {
  MapEdit edit((PersistentMap()));
  for (const auto& [key, value] : entries) edit.Put({key}, value);
  return edit.Finish();
}

std::vector<std::string> Keys(const PersistentMap& map) {
  std::vector<std::string> keys;
  for (auto at = map.Begin(); at.valid(); at.Next()) {
    keys.push_back(std::string(at.key().head) + std::string(at.key().suffix));
  }
  return keys;
}

void ExpectEqual(const PersistentMap& map, const Oracle& oracle) {
  ASSERT_EQ(map.size(), static_cast<int64_t>(oracle.size()));
  auto at = map.Begin();
  int64_t rank = 0;
  for (const auto& [key, value] : oracle) {
    ASSERT_TRUE(at.valid());
    ASSERT_EQ(at.key().head, key.first);
    ASSERT_EQ(at.key().suffix, key.second);
    ASSERT_EQ(at.value(), value);
    const MapKey map_key{key.first, key.second};
    ASSERT_EQ(map.Find(map_key), value);
    ASSERT_EQ(map.Rank(map_key), rank++);
    at.Next();
  }
  EXPECT_FALSE(at.valid());
}

PersistentMap Reload(const PersistentMap& map) {
  MapLoader loader(map.suffix_bytes());
  for (const PersistentMap::Block& block : map.blocks()) {
    auto part = MapLoader::Part::Make(Buffer::CopyOf(block.bytes.view()), map.suffix_bytes());
    EXPECT_TRUE(part.ok()) << part.status().ToString();
    EXPECT_TRUE(loader.Append(std::move(part).ValueUnsafe()).ok());
  }
  return std::move(loader).Finish();
}

TEST(PersistentMap, IsEmptyAtFirst) {
  PersistentMap map;
  EXPECT_TRUE(map.empty());
  EXPECT_FALSE(map.Begin().valid());
  EXPECT_FALSE(map.Floor({"z"}).valid());
  EXPECT_EQ(map.Find({"a"}), std::nullopt);
  EXPECT_EQ(map.Rank({"a"}), 0);
  EXPECT_EQ(map.digest(), MapDigest{});
  EXPECT_TRUE(map.blocks().empty());
}

TEST(PersistentMap, LowerBoundAndFloorFindNeighbours) {
  const PersistentMap map = MapOf({{"b", "1"}, {"d", "2"}, {"f", "3"}});
  EXPECT_EQ(map.LowerBound({"c"}).key().head, "d");
  EXPECT_EQ(map.LowerBound({"d"}).key().head, "d");
  EXPECT_FALSE(map.LowerBound({"g"}).valid());
  EXPECT_EQ(map.Floor({"c"}).key().head, "b");
  EXPECT_EQ(map.Floor({"d"}).value(), "2");
  EXPECT_EQ(map.Floor({"zzz"}).key().head, "f");
  EXPECT_FALSE(map.Floor({"a"}).valid());
}

TEST(PersistentMap, OrdersByHeadThenSuffixEvenWhereOneHeadBeginsAnother) {
  MapEdit edit(PersistentMap(2));
  edit.Put({"a", "zz"}, "");
  edit.Put({"ab", "aa"}, "");
  edit.Put({"a", "aa"}, "");
  edit.Put({std::string_view("a\0", 2), "aa"}, "");
  EXPECT_THAT(Keys(edit.Finish()), ElementsAre("aaa", "azz", std::string("a\0aa", 4), "abaa"));
}

TEST(PersistentMap, OlderVersionsStayAsTheyWere) {
  const PersistentMap before = MapOf({{"a", "1"}, {"b", "2"}});
  MapEdit edit(before);
  edit.Put({"a"}, "changed");
  edit.Erase({"b"});
  edit.Put({"c"}, "3");
  EXPECT_EQ(edit.Find({"a"}), "changed");
  EXPECT_EQ(edit.Find({"b"}), std::nullopt);
  const PersistentMap after = edit.Finish();
  EXPECT_THAT(Keys(after), ElementsAre("a", "c"));
  EXPECT_THAT(Keys(before), ElementsAre("a", "b"));
  EXPECT_EQ(before.Find({"a"}), "1");
}

TEST(PersistentMap, ScanSeesTheChangesSoFar) {
  MapEdit edit(MapOf({{"a", "1"}, {"c", "2"}, {"e", "3"}, {"g", "4"}}));
  edit.Put({"d"}, "new");
  edit.Put({"e"}, "other");
  edit.Erase({"c"});
  std::vector<std::string> seen;
  for (const auto& entry : edit.Scan({"b"}, MapKey{"g"})) seen.push_back(entry.head + "=" + entry.value);
  EXPECT_THAT(seen, ElementsAre("d=new", "e=other"));
}

TEST(PersistentMap, BehavesLikeASortedMapUnderRandomEdits) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    PersistentMap map(4);
    Oracle oracle;
    for (int round = 0; round < 15; ++round) {
      MapEdit edit(map);
      const uint64_t batch = round % 3 == 0 ? 400 : 10;
      const bool shrinks = round > 10;
      for (uint64_t i = 0; i < batch; ++i) {
        std::string head = std::to_string(random.Below(400));
        std::string suffix = std::to_string(1000 + random.Below(20));
        if (random.Below(10) < (shrinks ? 9U : 2U)) {
          edit.Erase({head, suffix});
          oracle.erase({head, suffix});
        } else {
          std::string value(random.Below(300), 'v');
          edit.Put({head, suffix}, value);
          oracle[{head, suffix}] = value;
        }
      }
      map = edit.Finish();
      ExpectEqual(map, oracle);
    }
    EXPECT_EQ(Reload(map).digest(), map.digest());
    ExpectEqual(Reload(map), oracle);
  }
}

TEST(PersistentMap, DigestDependsOnContentsOnly) {
  SeededRandom random(7);
  std::map<std::string, std::string> entries;
  for (int i = 0; i < 2000; ++i) entries[random.Hex(8)] = random.Hex(16);
  const PersistentMap at_once = MapOf(entries);
  PersistentMap piecemeal;
  for (int round = 0; round < 20; ++round) {
    MapEdit edit(piecemeal);
    int i = 0;
    for (const auto& [key, value] : entries) {
      if (i++ % 20 == round) edit.Put({key}, value);
    }
    edit.Put({"!extra"}, std::to_string(round));
    piecemeal = edit.Finish();
  }
  MapEdit edit(piecemeal);
  edit.Erase({"!extra"});
  piecemeal = edit.Finish();
  EXPECT_EQ(piecemeal.digest(), at_once.digest());
  edit.Put({entries.begin()->first}, "other");
  EXPECT_FALSE(edit.Finish().digest() == at_once.digest());
}

TEST(PersistentMap, AnEmptyMapLeavesNothingBehind) {
  std::map<std::string, std::string> entries;
  for (int i = 0; i < 3000; ++i) entries["key" + std::to_string(i)] = "value";
  MapEdit edit(MapOf(entries));
  for (const auto& [key, value] : entries) edit.Erase({key});
  const PersistentMap map = edit.Finish();
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.bytes(), 0);
  EXPECT_EQ(map.digest(), MapDigest{});
}

TEST(PersistentMap, AChangeWritesLittleOfALargeMap) {
  std::map<std::string, std::string> entries;
  for (int i = 0; i < 30'000; ++i) entries["key" + std::to_string(i)] = "some value";
  const PersistentMap map = MapOf(entries);
  EXPECT_GT(map.bytes(), 700'000);
  MapEdit edit(map);
  edit.Put({"key777"}, "changed");
  edit.Finish();
  EXPECT_LT(edit.bytes_written(), 32 << 10);
}

TEST(PersistentMap, ShrinkingJoinsSmallBlocks) {
  std::map<std::string, std::string> entries;
  for (int i = 0; i < 10'000; ++i) entries["key" + std::to_string(i)] = "some value";
  PersistentMap map = MapOf(entries);
  const size_t blocks = map.blocks().size();
  MapEdit edit(map);
  int i = 0;
  for (const auto& [key, value] : entries) {
    if (i++ % 50 == 0) continue;
    edit.Erase({key});
    if (i % 29 == 0) map = edit.Finish();
  }
  map = edit.Finish();
  EXPECT_EQ(map.size(), 200);
  EXPECT_LT(map.blocks().size(), blocks / 10);
}

TEST(MapLoader, RefusesBlocksThatAreNotOurs) {
  const PersistentMap map = MapOf({{"a", "1"}, {"b", "2"}});
  const std::string good(map.blocks().front().bytes.view());
  ASSERT_TRUE(MapLoader::Part::Make(Buffer::CopyOf(good), 0).ok());
  EXPECT_TRUE(IsKind(MapLoader::Part::Make(Buffer(), 0).status(), ErrorKind::kCorrupt));
  EXPECT_TRUE(IsKind(MapLoader::Part::Make(Buffer::CopyOf(std::string(64, '\xff')), 0).status(), ErrorKind::kCorrupt));
  // Entries in the wrong order: the two slots swapped.
  std::string swapped = good;
  std::swap_ranges(swapped.begin() + 4, swapped.begin() + 12, swapped.begin() + 12);
  EXPECT_TRUE(IsKind(MapLoader::Part::Make(Buffer::CopyOf(swapped), 0).status(), ErrorKind::kCorrupt));
  // Every change of one byte is either refused or gives a block that can be read.
  for (size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = good;
      bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
      auto part = MapLoader::Part::Make(Buffer::CopyOf(bytes), 0);
      if (!part.ok()) continue;
      MapLoader loader(0);
      ASSERT_TRUE(loader.Append(std::move(part).ValueUnsafe()).ok());
      EXPECT_EQ(Keys(std::move(loader).Finish()).size(), static_cast<size_t>(1 + (bytes[0] > 1)));
    }
  }
}

TEST(MapLoader, RefusesBlocksOutOfOrder) {
  MapLoader loader(0);
  ASSERT_TRUE(loader.Append(*MapLoader::Part::Make(MapOf({{"m", ""}}).blocks().front().bytes, 0)).ok());
  EXPECT_TRUE(
      IsKind(loader.Append(*MapLoader::Part::Make(MapOf({{"a", ""}}).blocks().front().bytes, 0)), ErrorKind::kCorrupt));
}

}  // namespace
}  // namespace sleeper
