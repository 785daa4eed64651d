#include "sleeper/base/status.h"

#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace sleeper {
namespace {

constexpr ErrorKind kAllKinds[] = {
    ErrorKind::kInvalid,   ErrorKind::kNotFound,       ErrorKind::kConflict, ErrorKind::kUnavailable,
    ErrorKind::kThrottled, ErrorKind::kOutcomeUnknown, ErrorKind::kDenied,   ErrorKind::kCorrupt,
    ErrorKind::kExhausted, ErrorKind::kCancelled,      ErrorKind::kInternal,
};

TEST(Status, AnErrorKeepsItsKindAndItsMessage) {
  for (ErrorKind kind : kAllKinds) {
    Status status = Error(kind, "file ", 7, " is bad");
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(KindOf(status), kind);
    EXPECT_EQ(status.message(), "file 7 is bad");
    for (ErrorKind other : kAllKinds) EXPECT_EQ(IsKind(status, other), other == kind);
  }
}

TEST(Status, SuccessIsOfNoKindAndHasNoHint) {
  for (ErrorKind kind : kAllKinds) EXPECT_FALSE(IsKind(Status::OK(), kind));
  EXPECT_EQ(HintOf(Status::OK()), "");
}

TEST(Status, EveryKindHasItsOwnName) {
  std::set<std::string_view> names;
  for (ErrorKind kind : kAllKinds) names.insert(ErrorKindName(kind));
  EXPECT_EQ(names.size(), std::size(kAllKinds));
  EXPECT_EQ(ErrorKindName(ErrorKind::kOutcomeUnknown), "outcome_unknown");
}

TEST(Status, ContextComesBeforeTheMessageAndKeepsTheRest) {
  Status status = WithHint(Error(ErrorKind::kDenied, "no permission"), "check the credentials");
  Status wrapped = WithContext(WithContext(status, "file a.parquet"), "ingest");
  EXPECT_EQ(wrapped.message(), "ingest: file a.parquet: no permission");
  EXPECT_EQ(KindOf(wrapped), ErrorKind::kDenied);
  EXPECT_EQ(HintOf(wrapped), "check the credentials");
}

TEST(Status, AnotherKindKeepsMessageAndHint) {
  Status status = WithKind(WithHint(Error(ErrorKind::kNotFound, "gone"), "refresh"), ErrorKind::kCorrupt);
  EXPECT_EQ(KindOf(status), ErrorKind::kCorrupt);
  EXPECT_EQ(status.message(), "gone");
  EXPECT_EQ(HintOf(status), "refresh");
}

TEST(Status, SuccessStaysSuccess) {
  EXPECT_TRUE(WithContext(Status::OK(), "context").ok());
  EXPECT_TRUE(WithHint(Status::OK(), "hint").ok());
  EXPECT_TRUE(WithKind(Status::OK(), ErrorKind::kCorrupt).ok());
}

TEST(Status, FailuresThatArrowMadeHaveTheKindOfTheirCode) {
  EXPECT_EQ(KindOf(Status::Invalid("x")), ErrorKind::kInvalid);
  EXPECT_EQ(KindOf(Status::TypeError("x")), ErrorKind::kInvalid);
  EXPECT_EQ(KindOf(Status::OutOfMemory("x")), ErrorKind::kExhausted);
  EXPECT_EQ(KindOf(Status::SerializationError("x")), ErrorKind::kCorrupt);
  EXPECT_EQ(KindOf(Status::Cancelled("x")), ErrorKind::kCancelled);
  EXPECT_EQ(KindOf(Status::IOError("x")), ErrorKind::kInternal);
}

class ForeignDetail final : public arrow::StatusDetail {
 public:
  const char* type_id() const override { return "foreign"; }
  std::string ToString() const override { return "foreign"; }
};

TEST(Status, ADetailOfSomebodyElseIsNotTakenForOurs) {
  Status status(arrow::StatusCode::OutOfMemory, "x", std::make_shared<ForeignDetail>());
  EXPECT_EQ(KindOf(status), ErrorKind::kExhausted);
  EXPECT_EQ(HintOf(status), "");
}

Result<int> Half(int value) {
  if (value % 2 != 0) return Error(ErrorKind::kInvalid, value, " is odd");
  return value / 2;
}

Status CheckEven(int value) {
  TRY(Half(value).status());
  return Status::OK();
}

Result<std::unique_ptr<int>> Quarter(int value) {
  TRY_ASSIGN(int half, Half(value));
  TRY_ASSIGN(auto quarter, Half(half));
  return std::make_unique<int>(quarter);
}

TEST(Try, ReturnsTheFailureOrGoesOn) {
  EXPECT_TRUE(CheckEven(2).ok());
  EXPECT_EQ(CheckEven(3).message(), "3 is odd");
}

TEST(TryAssign, MovesTheValueOrReturnsTheFailure) {
  EXPECT_EQ(**Quarter(12), 3);
  EXPECT_EQ(Quarter(6).status().message(), "3 is odd");
  EXPECT_EQ(KindOf(Quarter(5).status()), ErrorKind::kInvalid);
}

TEST(StatusDeathTest, ASuccessHasNoKind) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(static_cast<void>(KindOf(Status::OK())), "asked for the kind of a success");
}

}  // namespace
}  // namespace sleeper
