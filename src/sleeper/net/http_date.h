#pragma once

#include <string>
#include <string_view>

#include "sleeper/base/status.h"
#include "sleeper/base/time.h"

namespace sleeper::net {

/// Reads "Fri, 24 May 2013 00:00:00 GMT", the form of the headers Date and Last-Modified. kInvalid for anything else.
Result<WallTime> ParseHttpDate(std::string_view text);

/// "20130524T000000Z", the form of the header X-Amz-Date.
std::string FormatBasicTime(WallTime time);

}  // namespace sleeper::net
