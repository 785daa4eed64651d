#include "sleeper/base/log.h"

#include <memory>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "sleeper/base/printable_text.h"

namespace sleeper {
namespace {

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kSilent:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

std::shared_ptr<spdlog::logger> MakeLogger() {
  auto logger = std::make_shared<spdlog::logger>("sleeper", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc));
  logger->set_level(spdlog::level::off);
  logger->flush_on(spdlog::level::debug);
  return logger;
}

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = MakeLogger();
  return *logger;
}

bool NeedsQuotes(std::string_view value) {
  return value.empty() || value.find_first_of("\"=\\ ") != std::string_view::npos || !IsPrintableText(value);
}

void AppendQuoted(std::string_view value, std::string& line) {
  line.push_back('"');
  while (!value.empty()) {
    if (value.front() == '"' || value.front() == '\\') line.push_back('\\');
    value.remove_prefix(AppendPrintableCharacter(value, line));
  }
  line.push_back('"');
}

}  // namespace

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!LogEnabled(level)) return;
  Logger().log(LevelOf(level), "{}", FormatLogMessage(message, fields));
}

bool LogEnabled(LogLevel level) { return level != LogLevel::kSilent && Logger().should_log(LevelOf(level)); }

void SetLogThreshold(LogLevel threshold) { Logger().set_level(LevelOf(threshold)); }

std::string FormatLogMessage(std::string_view message, std::initializer_list<LogField> fields) {
  std::string line(message);
  for (const LogField& field : fields) {
    line.push_back(' ');
    line.append(field.name);
    line.push_back('=');
    if (NeedsQuotes(field.value)) {
      AppendQuoted(field.value, line);
    } else {
      line.append(field.value);
    }
  }
  return line;
}

}  // namespace sleeper
