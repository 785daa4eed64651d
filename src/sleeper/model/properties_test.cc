#include "sleeper/model/properties.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/schema_json.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::model {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(Properties, HaveBuiltInDefaults) {
  const Properties properties;
  EXPECT_EQ(properties.Get(property::kPartitionSplittingThreshold), 1'000'000'000);
  EXPECT_EQ(properties.Get(property::kIngestMemoryBytes), int64_t{1} << 30);
  EXPECT_EQ(properties.Get(property::kGcDelay), std::chrono::minutes(15));
  EXPECT_EQ(properties.Get(property::kJobMemory), std::chrono::days(7));
  EXPECT_EQ(properties.Get(property::kCompactionStrategy), CompactionStrategy::kSizeRatio);
  EXPECT_FALSE(properties.Get(property::kParquetDictionaryValueFields));
}

TEST(Properties, TakeTheTableBeforeTheInstanceBeforeTheDefault) {
  const Properties properties =
      ValueOf(Properties::Make({{"gc.delay.minutes", "5"}, {"job.attempts.max", ""}},
                               {{"gc.delay.minutes", "6"}, {"job.attempts.max", "9"}, {"job.memory.max", "5000"}}));
  EXPECT_EQ(properties.Get(property::kGcDelay), std::chrono::minutes(5));
  EXPECT_EQ(properties.Get(property::kJobAttemptsMax), 9) << "an empty value counts as not set";
  EXPECT_EQ(properties.Get(property::kJobMemoryMax), 5'000);
  EXPECT_EQ(properties.Text("gc.delay.minutes"), "5");
}

TEST(Properties, OfEveryDefinitionCanBeRead) {
  const Properties properties;
  size_t count = 0;
  for (const EffectiveProperty& each : properties.List()) {
    EXPECT_EQ(each.source, PropertySource::kBuiltIn);
    EXPECT_EQ(each.value, each.definition->default_value);
    ++count;
  }
  EXPECT_EQ(count, PropertyDefinitions().size());
}

TEST(Properties, ListWhereEachValueComesFrom) {
  const Properties properties = ValueOf(Properties::Make({{"gc.delay.minutes", "5"}}, {{"job.attempts.max", "9"}}));
  for (const EffectiveProperty& each : properties.List()) {
    const PropertySource expected = each.name == "gc.delay.minutes"   ? PropertySource::kTable
                                    : each.name == "job.attempts.max" ? PropertySource::kInstance
                                                                      : PropertySource::kBuiltIn;
    EXPECT_EQ(each.source, expected) << each.name;
  }
}

TEST(Properties, KeepWhatANewerVersionHasSet) {
  const Properties properties = ValueOf(Properties::Make({{"future.property", "x"}}));
  const EffectiveProperty last = properties.List().back();
  EXPECT_EQ(last.name, "future.property");
  EXPECT_EQ(last.value, "x");
  EXPECT_EQ(last.definition, nullptr);
}

TEST(Properties, ReportAllFaultsAtOnce) {
  EXPECT_THAT(
      Properties::Make({{"gc.delay.minutes", "soon"}, {"job.attempts.max", "0"}}, {{"parquet.page.size", "1"}})
          .status(),
      Fails(ErrorKind::kInvalid, AllOf(HasSubstr("properties: 3 faults: "), HasSubstr("gc.delay.minutes must be"),
                                       HasSubstr("job.attempts.max must be"), HasSubstr("parquet.page.size must be"))));
}

TEST(Properties, RefuseValuesThatContradictOneAnother) {
  EXPECT_THAT(Properties::Make({{"parquet.compression.codec", "gzip"}, {"parquet.compression.level", "10"}}).status(),
              Fails(ErrorKind::kInvalid, HasSubstr("parquet.compression.level of gzip must be 1 to 9, not 10")));
  EXPECT_THAT(
      Properties::Make(
          {{"parquet.encoding.rowkey.fields", "delta"}, {"parquet.dictionary.encoding.rowkey.fields", "true"}})
          .status(),
      Fails(
          ErrorKind::kInvalid,
          HasSubstr("parquet.dictionary.encoding.rowkey.fields is true, but parquet.encoding.rowkey.fields is delta")));
  EXPECT_TRUE(Properties::Make({{"parquet.encoding.rowkey.fields", "dictionary"},
                                {"parquet.dictionary.encoding.rowkey.fields", "true"}})
                  .ok());
  EXPECT_THAT(
      Properties::Make({{"log.ids.remembered", "500"}}).status(),
      Fails(ErrorKind::kInvalid, HasSubstr("log.ids.remembered must be at least log.keep.entries: 500 is below 1000")));
}

TEST(ChangeProperties, SetsAndUnsets) {
  const PropertyMap current = {{"gc.delay.minutes", "5"}, {"job.attempts.max", "9"}, {"future.property", "x"}};
  const PropertyMap changed = ValueOf(ChangeProperties(
      current, {.set = {{"job.attempts.max", "3"}, {"job.memory.days", "1"}}, .unset = {"gc.delay.minutes"}},
      PropertyScope::kTable));
  EXPECT_THAT(changed,
              ElementsAre(Pair("future.property", "x"), Pair("job.attempts.max", "3"), Pair("job.memory.days", "1")));
  EXPECT_THAT(ValueOf(ChangeProperties(
                  changed, {.set = {{"job.memory.days", ""}}, .unset = {"future.property", "job.attempts.max"}},
                  PropertyScope::kTable)),
              ElementsAre());
  // What is not set may be unset.
  EXPECT_TRUE(ChangeProperties({}, {.unset = {"gc.delay.minutes"}}, PropertyScope::kInstance).ok());
}

TEST(CheckNamedFields, RefusesFieldsThatTheTableDoesNotHave) {
  const Schema schema = ValueOf(ParseSchemaJson(R"({"rowKeyFields": [{"name": "k", "type": "LongType"}]})"));
  EXPECT_TRUE(CheckNamedFields({}, schema).ok());
  EXPECT_TRUE(CheckNamedFields({{"parquet.bloom.filter.fields", " k "}, {"future.fields", "x"}}, schema).ok());
  EXPECT_THAT(CheckNamedFields({{"parquet.bloom.filter.fields", "k,kk"}}, schema),
              Fails(ErrorKind::kInvalid, HasSubstr("parquet.bloom.filter.fields: the table has no field 'kk'")));
}

TEST(ChangeProperties, HintsAtTheNearestName) {
  const Status status = ChangeProperties({}, {.set = {{"gc.delay.minute", "5"}}}, PropertyScope::kTable).status();
  EXPECT_THAT(status, Fails(ErrorKind::kInvalid, "properties: there is no property 'gc.delay.minute'"));
  EXPECT_EQ(HintOf(status), "did you mean gc.delay.minutes?");
}

TEST(ChangeProperties, ReportsAllFaultsAtOnce) {
  EXPECT_THAT(ChangeProperties({},
                               {.set = {{"nonsense", "5"}, {"job.attempts.max", "many"}, {"gc.delay.minutes", "1"}},
                                .unset = {"rubbish", "gc.delay.minutes"}},
                               PropertyScope::kTable)
                  .status(),
              Fails(ErrorKind::kInvalid,
                    AllOf(HasSubstr("4 faults"), HasSubstr("'nonsense'"), HasSubstr("job.attempts.max must be"),
                          HasSubstr("'rubbish'"), HasSubstr("gc.delay.minutes is both set and unset"))));
}

}  // namespace
}  // namespace sleeper::model
