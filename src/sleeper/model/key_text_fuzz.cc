#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/key_query.h"
#include "sleeper/model/key_text.h"
#include "sleeper/model/schema_json.h"

namespace sleeper::model {
namespace {

/// More lines are not looked at: the product of all alternatives has a bound that takes long to reach.
constexpr size_t kLinesMax = 24;

Schema MakeSchema(std::string_view fields) {
  Result<Schema> schema = ParseSchemaJson("{\"rowKeyFields\":[" + std::string(fields) + "]}");
  SLEEPER_CHECK(schema.ok(), schema.status().ToString());
  return std::move(schema).ValueUnsafe();
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < kLinesMax) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// A value that can be read has a text that is read as the same value.
void CheckValue(TypeKind kind, std::string_view text) {
  const Result<KeyValue> value = ParseKeyValue(kind, text);
  if (!value.ok()) return;
  const std::string written = FormatKeyValue(*value);
  const Result<KeyValue> again = ParseKeyValue(kind, written);
  SLEEPER_CHECK(again.ok() && *again == *value, "another value is read than was written: ", written);
}

void CheckLine(const Schema& schema, std::string_view line) {
  const Result<KeyTuple> key = ParseKeyLine(schema, line);
  if (!key.ok()) return;
  const std::string encoded = EncodeKey(*key);
  const Result<KeyTuple> decoded = DecodeKeyPrefix(schema.row_key_fields(), encoded);
  SLEEPER_CHECK(decoded.ok() && *decoded == *key, "a key is decoded as another one: ", line);
  for (const Field& field : schema.row_key_fields()) CheckValue(field.type.kind(), line);
}

/// Lines that begin with "-" are ranges, all others are keys.
void CheckLines(const Schema& schema, std::string_view text) {
  std::vector<std::string> keys;
  std::vector<std::string> ranges;
  for (const std::string& line : Lines(text)) {
    CheckLine(schema, line);
    if (line.starts_with('-')) {
      ranges.push_back(line.substr(1));
    } else {
      keys.push_back(line);
    }
  }
  const Result<std::vector<Region>> regions = RegionsFromText(schema, keys, ranges);
  if (!regions.ok()) {
    SLEEPER_CHECK(IsKind(regions.status(), ErrorKind::kInvalid), regions.status().ToString());
    return;
  }
  const Cover cover = CoverOf(*regions);
  for (size_t i = 1; i < cover.parts.size(); ++i) {
    const KeyInterval& before = cover.parts[i - 1].interval;
    SLEEPER_CHECK(before.upper && *before.upper <= cover.parts[i].interval.lower, "the parts of a cover overlap");
  }
}

}  // namespace
}  // namespace sleeper::model

// The input is values of --key and --range, one a line, which are lines of a key file, too.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper::model;
  static const Schema texts = MakeSchema(R"({"name":"s","type":"StringType"})");
  static const Schema many = MakeSchema(
      R"({"name":"i","type":"IntType"},{"name":"l","type":"LongType"},{"name":"s","type":"StringType"},)"
      R"({"name":"b","type":"ByteArrayType"},{"name":"d","type":"DateType"},{"name":"t","type":"TimestampType"})");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckLines(texts, text);
  CheckLines(many, text);
  return 0;
}
