#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/check.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/schema_json.h"

namespace sleeper::model {
namespace {

Schema SchemaOfKey() {
  Result<Schema> schema = ParseSchemaJson(
      R"({"rowKeyFields":[{"name":"s","type":"StringType"},{"name":"i","type":"IntType"},)"
      R"({"name":"b","type":"ByteArrayType"},{"name":"l","type":"LongType"},{"name":"d","type":"DateType"},)"
      R"({"name":"t","type":"TimestampType"}]})");
  SLEEPER_CHECK(schema.ok(), schema.status().ToString());
  return std::move(schema).ValueUnsafe();
}

}  // namespace
}  // namespace sleeper::model

// The input is a normalised key, whole or a leading part. A key has one form: what is decoded is encoded as the same
// bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::model;
  static const Schema schema = SchemaOfKey();
  const std::string_view key(reinterpret_cast<const char*>(data), size);
  (void)FormatKey(schema.row_key_fields(), key);
  const Result<size_t> prefix_size = KeyPrefixSize(schema.row_key_fields().first(2), key);
  SLEEPER_CHECK(!prefix_size.ok() || *prefix_size <= key.size(), "a prefix is longer than its key");
  const Result<KeyTuple> values = DecodeKeyPrefix(schema.row_key_fields(), key);
  if (!values.ok()) {
    SLEEPER_CHECK(IsKind(values.status(), ErrorKind::kCorrupt), values.status().ToString());
    SLEEPER_CHECK(!DecodeKey(schema.row_key_fields(), key).ok(), "a key whose parts are broken");
    return 0;
  }
  SLEEPER_CHECK(EncodeKey(*values) == key, "a key is encoded otherwise: ", FormatKey(schema.row_key_fields(), key));
  const std::optional<NormalisedKey> after = SuccessorOfPrefix(*values);
  SLEEPER_CHECK(!after || *after > key, "the successor of a key is not greater");
  SLEEPER_CHECK(!after || !after->starts_with(key) || key.empty(), "the successor of a key begins with it");
  return 0;
}
