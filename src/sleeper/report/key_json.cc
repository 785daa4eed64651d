#include "sleeper/report/key_json.h"

#include <nlohmann/json.hpp>

#include "sleeper/base/base64.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::report {

nlohmann::ordered_json KeyValueJson(const model::KeyValue& value) {
  if (const auto* number = std::get_if<int32_t>(&value)) return *number;
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* bytes = std::get_if<model::Bytes>(&value)) return EncodeBase64(bytes->value);
  return model::FormatKeyValue(value);
}

nlohmann::ordered_json KeyJson(const model::Schema& schema, const model::NormalisedKey& key) {
  const Result<model::KeyTuple> values = model::DecodeKeyPrefix(schema.row_key_fields(), key);
  if (!values.ok()) return "0x" + model::HexDigits(key);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const model::KeyValue& value : *values) list.push_back(KeyValueJson(value));
  return list;
}

}  // namespace sleeper::report
