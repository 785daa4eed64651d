#include "sleeper/model/type.h"

#include <gtest/gtest.h>

namespace sleeper::model {
namespace {

TEST(Type, KnowsItsParts) {
  const Type list = Type::List(TypeKind::kDouble);
  EXPECT_EQ(list.kind(), TypeKind::kList);
  EXPECT_EQ(list.element(), TypeKind::kDouble);
  const Type map = Type::Map(TypeKind::kString, TypeKind::kDate);
  EXPECT_EQ(map.element(), TypeKind::kString);
  EXPECT_EQ(map.value(), TypeKind::kDate);
}

TEST(Type, DiffersInAnyPart) {
  EXPECT_EQ(Type(TypeKind::kInt), Type(TypeKind::kInt));
  EXPECT_NE(Type(TypeKind::kInt), Type(TypeKind::kDate));
  EXPECT_NE(Type::List(TypeKind::kInt), Type::List(TypeKind::kLong));
  EXPECT_NE(Type::Map(TypeKind::kInt, TypeKind::kLong), Type::Map(TypeKind::kInt, TypeKind::kInt));
}

TEST(Type, ShowsItself) {
  EXPECT_EQ(Type(TypeKind::kBytes).ToString(), "ByteArrayType");
  EXPECT_EQ(Type::List(TypeKind::kString).ToString(), "ListType(StringType)");
  EXPECT_EQ(Type::Map(TypeKind::kString, TypeKind::kLong).ToString(), "MapType(StringType, LongType)");
}

TEST(Type, MayBeAKeyIfItHasAnOrder) {
  for (TypeKind kind :
       {TypeKind::kInt, TypeKind::kLong, TypeKind::kString, TypeKind::kBytes, TypeKind::kDate, TypeKind::kTimestamp}) {
    EXPECT_TRUE(IsKeyKind(kind)) << TypeKindName(kind);
  }
  for (TypeKind kind : {TypeKind::kBoolean, TypeKind::kFloat, TypeKind::kDouble, TypeKind::kList, TypeKind::kMap}) {
    EXPECT_FALSE(IsKeyKind(kind)) << TypeKindName(kind);
  }
}

}  // namespace
}  // namespace sleeper::model
