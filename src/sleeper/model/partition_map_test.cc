#include "sleeper/model/partition_map.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"

namespace sleeper::model {
namespace {

using ::testing::ElementsAre;

std::string Show(const Partition& partition) {
  return partition.id.value() + "[" + partition.interval.lower + "," + partition.interval.upper.value_or("") + ")";
}

std::vector<std::string> Show(const std::vector<Partition>& partitions) {
  std::vector<std::string> shown;
  for (const Partition& partition : partitions) shown.push_back(Show(partition));
  return shown;
}

std::vector<std::string> Lowers(const PartitionMap& map) {
  std::vector<std::string> lowers;
  for (auto at = map.Begin(); at.valid(); at.Next()) lowers.emplace_back(at.lower());
  return lowers;
}

PartitionMap Cut(std::vector<NormalisedKey> boundaries) { return *PartitionMap::Cut(boundaries); }
PartitionMap Split(const PartitionMap& map, const std::string& id, std::vector<NormalisedKey> boundaries) {
  return *map.Split(PartitionId(id), boundaries);
}

TEST(PartitionMap, BeginsAsOneLeafOfAllKeys) {
  EXPECT_THAT(Show(PartitionMap().All()), ElementsAre("p0[,)"));
  EXPECT_EQ(Show(PartitionMap().Find("anything")), "p0[,)");
}

TEST(PartitionMap, FindsTheLeafOfAKey) {
  const PartitionMap map = Cut({"g", "p"});
  EXPECT_EQ(Show(map.Find("")), "p0[,g)");
  EXPECT_EQ(Show(map.Find("fzz")), "p0[,g)");
  EXPECT_EQ(Show(map.Find("g")), "p1[g,p)");
  EXPECT_EQ(Show(map.Find("zz")), "p2[p,)");
  EXPECT_EQ(map.Find(PartitionId("p1"))->interval.lower, "g");
  EXPECT_EQ(map.Find(PartitionId("p3")), std::nullopt);
  EXPECT_EQ(map.Find(PartitionId("p01")), std::nullopt);
}

TEST(PartitionMap, ShowsTheLeavesThatAnIntervalOverlaps) {
  const PartitionMap map = Cut({"g", "p"});
  EXPECT_THAT(Show(map.Overlapping({"a", "g"})), ElementsAre("p0[,g)"));
  EXPECT_THAT(Show(map.Overlapping({"f", "ga"})), ElementsAre("p0[,g)", "p1[g,p)"));
  EXPECT_THAT(Show(map.Overlapping({"p", std::nullopt})), ElementsAre("p2[p,)"));
}

TEST(PartitionMap, ASplitLeafBecomesLeavesWithNewIds) {
  const PartitionMap before = Cut({"m"});
  const PartitionMap map = Split(before, "p0", {"c", "f"});
  EXPECT_THAT(Show(map.All()), ElementsAre("p2[,c)", "p3[c,f)", "p4[f,m)", "p1[m,)"));
  EXPECT_EQ(map.Find(PartitionId("p0")), std::nullopt);
  EXPECT_EQ(map.next_number(), 5U);
  EXPECT_THAT(Show(before.All()), ElementsAre("p0[,m)", "p1[m,)"));
}

TEST(PartitionMap, AMergeOfTheLeavesOfASplitGivesBackTheBoundaries) {
  const PartitionMap before = Cut({"g", "p"});
  const PartitionMap split = Split(before, "p1", {"i", "k", "m"});
  const std::vector<PartitionId> parts = {PartitionId("p3"), PartitionId("p4"), PartitionId("p5"), PartitionId("p6")};
  EXPECT_EQ(Lowers(*split.Merge(parts)), Lowers(before));
}

TEST(PartitionMap, RefusesBoundariesThatDoNotFit) {
  const PartitionMap map = Cut({"g", "p"});
  const auto refused = [&](const std::string& id, std::vector<NormalisedKey> at) {
    return KindOf(map.Split(PartitionId(id), at).status());
  };
  EXPECT_EQ(refused("p7", {"h"}), ErrorKind::kNotFound);
  EXPECT_EQ(refused("p1", {}), ErrorKind::kInvalid);
  EXPECT_EQ(refused("p1", {"g"}), ErrorKind::kInvalid);
  EXPECT_EQ(refused("p1", {"p"}), ErrorKind::kInvalid);
  EXPECT_EQ(refused("p1", {"a"}), ErrorKind::kInvalid);
  EXPECT_EQ(refused("p1", {"i", "i"}), ErrorKind::kInvalid);
  EXPECT_EQ(refused("p1", {"k", "i"}), ErrorKind::kInvalid);
  EXPECT_EQ(refused("p0", {""}), ErrorKind::kInvalid);
  const std::vector<NormalisedKey> twice = {"a", "a"};
  EXPECT_EQ(KindOf(PartitionMap::Cut(twice).status()), ErrorKind::kInvalid);
}

TEST(PartitionMap, MergesNeighboursInKeyOrderOnly) {
  const PartitionMap map = Cut({"g", "p"});
  const auto refused = [&](std::vector<PartitionId> ids) { return KindOf(map.Merge(ids).status()); };
  EXPECT_EQ(refused({PartitionId("p0")}), ErrorKind::kInvalid);
  EXPECT_EQ(refused({PartitionId("p0"), PartitionId("p2")}), ErrorKind::kInvalid);
  EXPECT_EQ(refused({PartitionId("p1"), PartitionId("p0")}), ErrorKind::kInvalid);
  EXPECT_EQ(refused({PartitionId("p2"), PartitionId("p0")}), ErrorKind::kInvalid);
  EXPECT_EQ(refused({PartitionId("p0"), PartitionId("p9")}), ErrorKind::kNotFound);
}

TEST(PartitionMap, AdoptsOnlyLeavesThatTile) {
  const PartitionMap map = Cut({"g", "p"});
  EXPECT_EQ(Show(PartitionMap::FromLeaves(map.leaves(), map.next_number())->All()), Show(map.All()));
  const auto refused = [](const PersistentMap& leaves, uint64_t next) {
    return KindOf(PartitionMap::FromLeaves(leaves, next).status());
  };
  EXPECT_EQ(refused(PersistentMap(), 1), ErrorKind::kCorrupt);
  EXPECT_EQ(refused(map.leaves(), 2), ErrorKind::kCorrupt);
  MapEdit no_least(map.leaves());
  no_least.Erase({""});
  EXPECT_EQ(refused(no_least.Finish(), 9), ErrorKind::kCorrupt);
  MapEdit same_number(map.leaves());
  same_number.Put({"x"}, *map.leaves().Find({"g"}));
  EXPECT_EQ(refused(same_number.Finish(), 9), ErrorKind::kCorrupt);
}

TEST(PartitionMap, TilesTheKeySpaceAfterRandomSplitsAndMerges) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    PartitionMap map;
    for (int step = 0; step < 60; ++step) {
      const std::vector<Partition> leaves = map.All();
      const size_t at = random.Below(leaves.size());
      if (random.Below(3) == 0 && at + 1 < leaves.size()) {
        const std::vector<PartitionId> ids = {leaves[at].id, leaves[at + 1].id};
        map = *map.Merge(ids);
      } else {
        const std::vector<NormalisedKey> boundary = {random.Hex(4)};
        auto split = map.Split(map.Find(boundary[0]).id, boundary);
        if (split.ok()) map = std::move(split).ValueUnsafe();
      }
    }
    std::optional<NormalisedKey> expected = "";
    for (const Partition& leaf : map.All()) {
      ASSERT_TRUE(expected.has_value());
      EXPECT_EQ(leaf.interval.lower, *expected);
      EXPECT_EQ(map.Find(leaf.id), leaf);
      expected = leaf.interval.upper;
    }
    EXPECT_EQ(expected, std::nullopt);
  }
}

}  // namespace
}  // namespace sleeper::model
