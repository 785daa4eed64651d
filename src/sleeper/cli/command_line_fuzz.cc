#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/cli/arguments.h"
#include "sleeper/cli/command.h"
#include "sleeper/cli/command_line.h"
#include "sleeper/cli/property_settings.h"
#include "sleeper/engine/location.h"

namespace sleeper::cli {
namespace {

void CheckRefusal(const Status& status) { SLEEPER_CHECK(IsKind(status, ErrorKind::kInvalid), status.ToString()); }

void CheckLocation(std::string_view word) {
  const Result<engine::Location> location = engine::Location::Parse(word);
  if (!location.ok()) return CheckRefusal(location.status());
  const Result<engine::Location> again = engine::Location::Parse(location->ToString());
  SLEEPER_CHECK(again.ok() && *again == *location, "another location is read than was written: ", location->ToString());
}

}  // namespace
}  // namespace sleeper::cli

// The input is the words of a command line, one a line. Nothing is run.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::cli;
  static const std::vector<Command> commands = AllCommands();
  static const std::vector<Option> global_options = GlobalOptions();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> words;
  while (!text.empty()) {
    words.emplace_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(words.back().size() + 1, text.size()));
  }
  for (const std::string& word : words) CheckLocation(word);
  const Result<model::PropertyMap> settings = ParseSettings(words);
  if (!settings.ok()) CheckRefusal(settings.status());

  const Result<CommandLine> line = FindCommand(commands, global_options, words);
  if (!line.ok()) {
    CheckRefusal(line.status());
    return 0;
  }
  if (line->command == nullptr) return 0;
  const Result<Arguments> arguments = ParseArguments(*line->command, global_options, line->rest);
  if (!arguments.ok()) {
    CheckRefusal(arguments.status());
    return 0;
  }
  // A value arrives byte by byte as it was given.
  for (const Positional& positional : line->command->positionals) {
    for (const std::string& value : arguments->Texts(positional.name)) {
      SLEEPER_CHECK(std::find(words.begin(), words.end(), value) != words.end(), "nobody wrote ", value);
    }
  }
  for (const Option& option : line->command->options) (void)arguments->Count(option.name).ok();
  return 0;
}
