#include "sleeper/base/strong_id.h"

#include <set>
#include <sstream>
#include <string>
#include <type_traits>
#include <unordered_set>

#include <gtest/gtest.h>

namespace sleeper {
namespace {

using Fruit = StrongId<"fruit">;
using Animal = StrongId<"animal">;

static_assert(!std::is_same_v<Fruit, Animal>);
static_assert(!std::is_convertible_v<Fruit, Animal>);
static_assert(!std::is_convertible_v<std::string, Fruit>);
static_assert(!std::is_convertible_v<Fruit, std::string>);

TEST(StrongId, HoldsItsText) {
  EXPECT_EQ(Fruit("apple").value(), "apple");
  EXPECT_TRUE(Fruit().empty());
  EXPECT_FALSE(Fruit("apple").empty());
}

TEST(StrongId, ComparesByItsText) {
  EXPECT_EQ(Fruit("apple"), Fruit("apple"));
  EXPECT_LT(Fruit("apple"), Fruit("pear"));
  EXPECT_EQ((std::set<Fruit>{Fruit("pear"), Fruit("apple"), Fruit("pear")}).size(), 2u);
}

TEST(StrongId, CanBeHashedAndPrinted) {
  std::unordered_set<Fruit> basket{Fruit("apple"), Fruit("apple"), Fruit("pear")};
  EXPECT_EQ(basket.size(), 2u);
  std::ostringstream out;
  out << Fruit("apple");
  EXPECT_EQ(out.str(), "apple");
}

}  // namespace
}  // namespace sleeper
