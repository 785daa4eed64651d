#include "sleeper/model/type.h"

#include "sleeper/base/check.h"

namespace sleeper::model {

std::string_view TypeKindName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt:
      return "IntType";
    case TypeKind::kLong:
      return "LongType";
    case TypeKind::kString:
      return "StringType";
    case TypeKind::kBytes:
      return "ByteArrayType";
    case TypeKind::kDate:
      return "DateType";
    case TypeKind::kTimestamp:
      return "TimestampType";
    case TypeKind::kBoolean:
      return "BooleanType";
    case TypeKind::kFloat:
      return "FloatType";
    case TypeKind::kDouble:
      return "DoubleType";
    case TypeKind::kList:
      return "ListType";
    case TypeKind::kMap:
      return "MapType";
  }
  return "unknown type";
}

Type::Type(TypeKind kind) : kind_(kind) {
  SLEEPER_CHECK(IsPrimitive(kind), "not a primitive type: ", TypeKindName(kind));
}

Type Type::List(TypeKind element) {
  SLEEPER_CHECK(IsPrimitive(element), "a list of ", TypeKindName(element));
  return Type(TypeKind::kList, element, TypeKind::kInt);
}

Type Type::Map(TypeKind key, TypeKind value) {
  SLEEPER_CHECK(IsPrimitive(key) && IsPrimitive(value), "a map from ", TypeKindName(key), " to ", TypeKindName(value));
  return Type(TypeKind::kMap, key, value);
}

TypeKind Type::element() const {
  SLEEPER_CHECK(!IsPrimitive(kind_), ToString(), " has no elements");
  return first_;
}

TypeKind Type::value() const {
  SLEEPER_CHECK(kind_ == TypeKind::kMap, ToString(), " has no values");
  return second_;
}

std::string Type::ToString() const {
  std::string text(TypeKindName(kind_));
  if (kind_ == TypeKind::kList) text.append("(").append(TypeKindName(first_)).append(")");
  if (kind_ == TypeKind::kMap) {
    text.append("(").append(TypeKindName(first_)).append(", ").append(TypeKindName(second_)).append(")");
  }
  return text;
}

}  // namespace sleeper::model
