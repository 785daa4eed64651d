#include "sleeper/state/instance_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"

namespace sleeper::state {
namespace {

using ::testing::HasSubstr;

class InstanceFileTest : public ::testing::Test {
 protected:
  SystemClock clock_;
  SeededRandom random_{1};
  CallContext call_;
  store::MemoryStore store_{clock_};
  store::FaultyStore faults_{store_};
};

TEST_F(InstanceFileTest, IsCreatedOnce) {
  const Result<InstanceFile> before = OpenInstance(store_, call_);
  ASSERT_FALSE(before.ok());
  EXPECT_EQ(KindOf(before.status()), ErrorKind::kNotFound);
  EXPECT_THAT(HintOf(before.status()), HasSubstr("sleeper init"));
  const Result<CreatedInstance> created = CreateInstance(store_, random_, call_);
  ASSERT_TRUE(created.ok()) << created.status().ToString();
  EXPECT_TRUE(created->created);
  const Result<CreatedInstance> again = CreateInstance(store_, random_, call_);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->file, created->file);
  EXPECT_EQ(*OpenInstance(store_, call_), created->file);
}

TEST_F(InstanceFileTest, IsCreatedAlsoIfTheAnswerIsLost) {
  store::FaultRule lost;
  lost.kind = store::FaultKind::kErrorAfter;
  lost.error = ErrorKind::kOutcomeUnknown;
  lost.function = store::StoreFunction::kPut;
  faults_.AddRule(lost);
  EXPECT_TRUE(CreateInstance(faults_, random_, call_)->created);
}

TEST_F(InstanceFileTest, RefusesNewerVersionsAndDamage) {
  const auto kind = [](std::string_view text) { return KindOf(ParseInstanceFile(text).status()); };
  EXPECT_EQ(kind(R"({"formatVersion":2,"instanceId":"x"})"), ErrorKind::kInvalid);
  EXPECT_THAT(ParseInstanceFile(R"({"formatVersion":2})").status().message(), HasSubstr("newer version"));
  for (const char* text : {R"({"formatVersion":9223372036854775807})", R"({"formatVersion":9223372036854775808})",
                           R"({"formatVersion":18446744073709551615})"}) {
    EXPECT_EQ(kind(text), ErrorKind::kInvalid) << text;
    EXPECT_THAT(ParseInstanceFile(text).status().message(), HasSubstr("newer version"));
  }
  for (const char* text : {"", "{", "[]", "{}", R"({"formatVersion":"1"})", R"({"formatVersion":1})",
                           R"({"formatVersion":-1,"instanceId":"0123456789abcdef0123456789abcdef"})",
                           R"({"formatVersion":0,"instanceId":"0123456789abcdef0123456789abcdef"})"}) {
    EXPECT_EQ(kind(text), ErrorKind::kCorrupt) << text;
  }
}

}  // namespace
}  // namespace sleeper::state
