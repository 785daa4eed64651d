#include "sleeper/model/property_definition.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/property_names.h"
#include "sleeper/model/testing/outcome.h"

namespace sleeper::model {
namespace {

using testing::HasSubstr;

const PropertyDefinition& Definition(std::string_view name) {
  const PropertyDefinition* definition = FindPropertyDefinition(name);
  SLEEPER_CHECK(definition != nullptr, name);
  return *definition;
}

int64_t Parsed(std::string_view name, std::string_view text) {
  return ValueOf(ParsePropertyValue(Definition(name), text));
}

Status FaultOf(std::string_view name, std::string_view text) {
  return ParsePropertyValue(Definition(name), text).status();
}

TEST(PropertyDefinitions, AllowTheirOwnDefaults) {
  std::set<std::string_view> names;
  for (const PropertyDefinition& definition : PropertyDefinitions()) {
    EXPECT_TRUE(ParsePropertyValue(definition, definition.default_value).ok()) << definition.name;
    EXPECT_TRUE(definition.description.ends_with('.')) << definition.name;
    EXPECT_TRUE(names.insert(definition.name).second) << definition.name << " is defined twice";
  }
}

TEST(PropertyDefinitions, ListTheirChoicesInTheOrderOfTheEnumerations) {
  const auto index = [](std::string_view name, std::string_view text) { return Parsed(name, text); };
  EXPECT_EQ(index(property::kCompactionStrategy.text, "BasicCompactionStrategy"),
            static_cast<int>(CompactionStrategy::kBasic));
  EXPECT_EQ(index(property::kCompactionStrategy.text, "SizeRatioCompactionStrategy"),
            static_cast<int>(CompactionStrategy::kSizeRatio));
  EXPECT_EQ(index(property::kIngestFileWritingStrategy.text, "one_reference_per_leaf"),
            static_cast<int>(FileWritingStrategy::kOneReferencePerLeaf));
  EXPECT_EQ(index(property::kIngestFileWritingStrategy.text, "one_file_per_leaf"),
            static_cast<int>(FileWritingStrategy::kOneFilePerLeaf));
  EXPECT_EQ(index(property::kParquetCompressionCodec.text, "zstd"), static_cast<int>(CompressionCodec::kZstd));
  EXPECT_EQ(index(property::kParquetCompressionCodec.text, "uncompressed"),
            static_cast<int>(CompressionCodec::kUncompressed));
  EXPECT_EQ(index(property::kParquetCompressionCodec.text, "snappy"), static_cast<int>(CompressionCodec::kSnappy));
  EXPECT_EQ(index(property::kParquetCompressionCodec.text, "lz4"), static_cast<int>(CompressionCodec::kLz4));
  EXPECT_EQ(index(property::kParquetCompressionCodec.text, "gzip"), static_cast<int>(CompressionCodec::kGzip));
  for (std::string_view name :
       {property::kParquetEncodingRowKeyFields.text, property::kParquetEncodingSortKeyFields.text,
        property::kParquetEncodingValueFields.text}) {
    EXPECT_EQ(index(name, "auto"), static_cast<int>(FieldEncoding::kAuto));
    EXPECT_EQ(index(name, "plain"), static_cast<int>(FieldEncoding::kPlain));
    EXPECT_EQ(index(name, "delta"), static_cast<int>(FieldEncoding::kDelta));
    EXPECT_EQ(index(name, "dictionary"), static_cast<int>(FieldEncoding::kDictionary));
  }
}

TEST(PropertyValue, ReadsBytesWithSuffixes) {
  EXPECT_EQ(Parsed("ingest.memory.bytes", "1G"), int64_t{1} << 30);
  EXPECT_EQ(Parsed("ingest.memory.bytes", "512m"), int64_t{512} << 20);
  EXPECT_EQ(Parsed("ingest.memory.bytes", "2T"), int64_t{2} << 40);
  EXPECT_EQ(Parsed("ingest.memory.bytes", "65536K"), int64_t{1} << 26);
  EXPECT_EQ(Parsed("ingest.memory.bytes", "1073741824"), int64_t{1} << 30);
  for (const char* text : {"", "G", "1GB", "1 G", "-1G", "1.5G", "9999999999T", "99999999999999999999", "15M"}) {
    EXPECT_THAT(FaultOf("ingest.memory.bytes", text),
                Fails(ErrorKind::kInvalid,
                      HasSubstr("property ingest.memory.bytes must be a number of bytes, perhaps with K, M, G or T, "
                                "16M or more, not '")))
        << text;
  }
}

TEST(PropertyValue, ReadsBooleansAndChoicesInAnyCase) {
  EXPECT_EQ(Parsed("parquet.dictionary.encoding.value.fields", "TRUE"), 1);
  EXPECT_EQ(Parsed("parquet.dictionary.encoding.value.fields", "false"), 0);
  EXPECT_EQ(Parsed("parquet.compression.codec", "SNAPPY"), static_cast<int>(CompressionCodec::kSnappy));
  EXPECT_THAT(FaultOf("parquet.dictionary.encoding.value.fields", "yes"),
              Fails(ErrorKind::kInvalid, HasSubstr("must be true or false, not 'yes'")));
  EXPECT_THAT(FaultOf("parquet.compression.codec", "brotli"),
              Fails(ErrorKind::kInvalid, HasSubstr("must be zstd, uncompressed, snappy, lz4 or gzip, not 'brotli'")));
}

TEST(PropertyValue, ReadsNamesWithoutTheSpacesAroundThem) {
  EXPECT_THAT(NamesOf(""), testing::IsEmpty());
  EXPECT_THAT(NamesOf("a"), testing::ElementsAre("a"));
  EXPECT_THAT(NamesOf(" a b ,\tc"), testing::ElementsAre("a b", "c"));
  EXPECT_THAT(NamesOf("a,,b,"), testing::ElementsAre("a", "", "b", ""));
  EXPECT_EQ(Parsed("parquet.bloom.filter.fields", "a, b"), 0);
  for (const char* text : {" ", "a,", ",a", "a,,b"}) {
    EXPECT_THAT(FaultOf("parquet.bloom.filter.fields", text),
                Fails(ErrorKind::kInvalid, HasSubstr("must be names of fields, separated by commas, not '")));
  }
}

TEST(PropertyValue, KeepsNumbersInBounds) {
  EXPECT_EQ(Parsed("compaction.files.batch.size", "2"), 2);
  EXPECT_THAT(FaultOf("compaction.files.batch.size", "1"),
              Fails(ErrorKind::kInvalid, HasSubstr("must be a number, 2 to 10000, not '1'")));
  EXPECT_THAT(FaultOf("compaction.files.batch.size", "10001"), Fails(ErrorKind::kInvalid, HasSubstr("2 to 10000")));
  EXPECT_THAT(FaultOf("compaction.files.batch.size", "12x"), Fails(ErrorKind::kInvalid, HasSubstr("not '12x'")));
  EXPECT_THAT(FaultOf("gc.delay.minutes", "-1"),
              Fails(ErrorKind::kInvalid, HasSubstr("a number of minutes, 0 to 525600")));
}

TEST(NearestPropertyName, ForgivesTyposAndTheOriginalPrefix) {
  EXPECT_EQ(NearestPropertyName("partition.spliting.threshhold"), "partition.splitting.threshold");
  EXPECT_EQ(NearestPropertyName("sleeper.table.gc.delay.minutes"), "gc.delay.minutes");
  EXPECT_EQ(NearestPropertyName("something.else.entirely.different"), "");
  EXPECT_EQ(NearestPropertyName(std::string(1'000'000, 'x')), "");
}

}  // namespace
}  // namespace sleeper::model
