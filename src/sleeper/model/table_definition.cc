#include "sleeper/model/table_definition.h"

#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sleeper/model/quoted_text.h"
#include "sleeper/model/schema_json.h"

namespace sleeper::model {
namespace {

/// The properties that decide which rows a file holds, in a fixed order.
constexpr std::string_view kShapingProperties[] = {"aggregations", "filters"};

/// Puts the size in front, so that no two lists of parts run together into the same bytes.
void AppendPart(std::string& bytes, std::string_view part) {
  bytes += std::to_string(part.size());
  bytes += ':';
  bytes += part;
}

}  // namespace

std::string TableDefinition::ShapeHash() const {
  std::string bytes;
  AppendPart(bytes, WriteSchemaJson(schema));
  for (std::string_view name : kShapingProperties) {
    const auto found = properties.find(name);
    if (found == properties.end() || found->second.empty()) continue;
    AppendPart(bytes, name);
    AppendPart(bytes, found->second);
  }
  XXH128_canonical_t hash;
  XXH128_canonicalFromHash(&hash, XXH3_128bits(bytes.data(), bytes.size()));
  return HexDigits({reinterpret_cast<const char*>(hash.digest), sizeof hash.digest});
}

}  // namespace sleeper::model
