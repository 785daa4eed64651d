#pragma once

#include <string>
#include <string_view>

#include "sleeper/base/status.h"
#include "sleeper/model/schema.h"

namespace sleeper::model {

/// Reads a schema file:
///   {"rowKeyFields":[{"name":"k","type":"StringType"}],"sortKeyFields":[],
///    "valueFields":[{"name":"v","type":"LongType","nullable":true},
///                   {"name":"l","type":{"ListType":{"elementType":"IntType"}}}]}
/// Lists of sort keys and values may be absent. kInvalid names every fault: bad JSON with line and column, an unknown
/// type or member, and what Schema::Make refuses.
Result<Schema> ParseSchemaJson(std::string_view text);

/// Writes that form, on one line, always the same for equal schemas: its bytes may be hashed.
std::string WriteSchemaJson(const Schema& schema);

}  // namespace sleeper::model
