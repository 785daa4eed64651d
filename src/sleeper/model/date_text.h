#pragma once

#include <string>
#include <string_view>

#include "sleeper/base/status.h"
#include "sleeper/model/key_value.h"

namespace sleeper::model {

/// "2001-01-31"; years outside 0000–9999 carry a sign and more digits ("+10000-01-01", "-0001-12-31"), so that every
/// value has a text. The calendar is the proleptic Gregorian one.
std::string FormatDate(Date date);

/// Reads what FormatDate writes. kInvalid otherwise.
Result<Date> ParseDate(std::string_view text);

/// "2001-01-31T12:00:00Z", with six digits of fraction if there is one.
std::string FormatTimestamp(Timestamp timestamp);

/// Reads a date, or a date, "T" or a space, and a time "12:00", "12:00:00" or "12:00:00.5"; then nothing or "Z" (UTC)
/// or an offset "+01:00", "+0100", "+01". A date alone is its midnight. kInvalid for anything else, for digits beyond
/// microseconds that are not zero, and for leap seconds.
Result<Timestamp> ParseTimestamp(std::string_view text);

}  // namespace sleeper::model
