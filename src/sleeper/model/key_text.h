#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/model/key_value.h"
#include "sleeper/model/region.h"
#include "sleeper/model/schema.h"

// Keys and ranges as they are written on the command line and in key files.

namespace sleeper::model {

/// The product of all alternatives of `--key` may not have more members than this.
inline constexpr int kRegionsFromTextMax = 100'000;

/// "F=V": the rows whose row-key field F holds V. Only the first "=" separates; V may contain anything.
Result<Range> ParseKeyText(const Schema& schema, std::string_view text);

/// "F=[A,B)" with "[" or "(" and "]" or ")"; an empty side is open. Between bounds that are not strings, spaces are
/// passed over. A comma may stand inside a string bound if only one comma of the text separates a minimum from a
/// maximum that is not below it; otherwise the text is refused as ambiguous, and the JSON form of a region has to be
/// used.
Result<Range> ParseRangeText(const Schema& schema, std::string_view text);

/// What `--key` and `--range` mean together: several values of one field are alternatives, several fields are one key,
/// and all ranges restrict each of these keys. Nothing given is one region with everything. kInvalid names every fault.
Result<std::vector<Region>> RegionsFromText(const Schema& schema, std::span<const std::string> keys,
                                            std::span<const std::string> ranges);

/// A line of a file of keys or split points: values of the leading row-key fields separated by tabs. With a single row
/// key of strings the whole line is its value. kInvalid if there are more values than row keys, or one does not parse.
Result<KeyTuple> ParseKeyLine(const Schema& schema, std::string_view line);

}  // namespace sleeper::model
