#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/cli/command.h"

namespace sleeper::cli {

/// What was given on the command line, byte by byte as it was given. Immutable value.
class Arguments {
 public:
  /// True if the option or positional was given at all.
  bool Has(std::string_view name) const { return values_.contains(name); }

  /// The value, if there is one. REQUIRES: it does not repeat.
  std::optional<std::string> Text(std::string_view name) const;

  /// All values, in their order.
  std::vector<std::string> Texts(std::string_view name) const;

  /// A number that is not negative. kInvalid for anything else.
  Result<std::optional<int64_t>> Count(std::string_view name) const;

  void Add(std::string_view name, std::string value);

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Reads what stands behind a command. `options` are the command's and the global ones. kInvalid for anything that is
/// not declared, with the nearest name as the hint. Missing positionals are no fault if `help` was asked for.
Result<Arguments> ParseArguments(const Command& command, std::span<const Option> global_options,
                                 std::span<const std::string> words);

}  // namespace sleeper::cli
