#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sleeper/model/key_interval.h"
#include "sleeper/model/key_value.h"
#include "sleeper/model/schema.h"

namespace sleeper::report {

/// A key value as scripts see it: numbers as numbers, bytes as base64, all else as the text of the command line.
nlohmann::ordered_json KeyValueJson(const model::KeyValue& value);

/// The values of a row key or a leading part of one. Bytes that are none, which only a damaged log can hold, come as
/// "0x…", so that they can be looked at.
nlohmann::ordered_json KeyJson(const model::Schema& schema, const model::NormalisedKey& key);

}  // namespace sleeper::report
