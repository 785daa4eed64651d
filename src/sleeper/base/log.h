#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "sleeper/base/check.h"

namespace sleeper {

/// How much a line of the log matters.
enum class LogLevel {
  kDebug,    ///< What a developer wants to see of one run.
  kInfo,     ///< What an operator may want to see: an operation began or ended.
  kWarning,  ///< Went wrong and was dealt with.
  kError,    ///< Went wrong, and nobody above hears of it.
  kSilent,   ///< Only a threshold: nothing is written.
};

/// One named value of a line.
struct LogField {
  template <typename Value>
  LogField(std::string_view field, const Value& field_value) : name(field), value(internal::Concatenate(field_value)) {}

  std::string_view name;
  std::string value;
};

/// Writes one line to stderr if `level` reaches the threshold:
///   Log(LogLevel::kInfo, "compaction ended", {{"job", job}, {"rows", rows}});
/// gives `2001-01-31T12:00:00.000000Z info compaction ended job=17 rows=1000`. A failure that is returned is not logged
/// as well. Thread-safe.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

/// True if a line of `level` would be written: ask before computing what only the log needs.
bool LogEnabled(LogLevel level);

/// The least level that is written; at first kSilent, so that libraries and tests say nothing. For a main only.
void SetLogThreshold(LogLevel threshold);

/// `message` and `fields` as they stand in a line; a value with blanks, quotes, "=" or control characters is quoted and
/// escaped as in JSON.
std::string FormatLogMessage(std::string_view message, std::initializer_list<LogField> fields);

}  // namespace sleeper
