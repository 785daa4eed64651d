#pragma once

#include <string>
#include <string_view>

#include "sleeper/base/status.h"
#include "sleeper/model/region.h"

namespace sleeper::model {

/// Reads a region:
///   {"k":{"min":5,"minInclusive":true,"max":9,"maxInclusive":false},"stringsBase64Encoded":false}
/// `min` is required; no `max` or null means unbounded; minInclusive is true and maxInclusive false where absent.
/// Integers are JSON numbers, bytes always base64, dates and timestamps texts as in date_text.h. Strings are base64
/// unless stringsBase64Encoded is false: absent means true. kInvalid names every fault.
Result<Region> ParseRegionJson(const Schema& schema, std::string_view text);

/// Writes that form, on one line, strings as base64.
std::string WriteRegionJson(const Region& region);

}  // namespace sleeper::model
