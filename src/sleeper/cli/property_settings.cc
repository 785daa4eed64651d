#include "sleeper/cli/property_settings.h"

#include "sleeper/model/quoted_text.h"

namespace sleeper::cli {

Result<model::PropertyMap> ParseSettings(std::span<const std::string> texts) {
  model::PropertyMap settings;
  for (const std::string& text : texts) {
    const size_t separator = text.find('=');
    if (separator == std::string::npos || separator == 0) {
      return Error(ErrorKind::kInvalid, "a setting has the form NAME=VALUE, not ", model::Quoted(text));
    }
    const std::string name = text.substr(0, separator);
    if (!settings.emplace(name, text.substr(separator + 1)).second) {
      return Error(ErrorKind::kInvalid, "property ", name, " is set twice");
    }
  }
  return settings;
}

}  // namespace sleeper::cli
