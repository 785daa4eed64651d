#include "sleeper/cli/arguments.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <CLI/CLI.hpp>

#include "sleeper/base/nearest_word.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::cli {
namespace {

constexpr size_t kPositionalsMax = 1'000'000;

std::string Dashed(std::string_view name) { return "--" + std::string(name); }

const Option* FindOption(std::span<const Option> options, std::string_view name) {
  for (const Option& option : options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

/// CLI11 takes "--name=" for an option whose value is still to come; as two words it is one with an empty value.
Result<std::vector<std::string>> SpellOutEmptyValues(std::span<const Option> options,
                                                     std::span<const std::string> words) {
  std::vector<std::string> spelt;
  bool options_ended = false;
  for (const std::string& word : words) {
    options_ended = options_ended || word == "--";
    const bool empty_value = !options_ended && word.starts_with("--") && word.find('=') == word.size() - 1;
    const std::string_view name = std::string_view(word).substr(0, word.size() - 1);
    const Option* const option = empty_value ? FindOption(options, name.substr(2)) : nullptr;
    if (option == nullptr) {
      spelt.push_back(word);
      continue;
    }
    if (!option->has_value()) return Error(ErrorKind::kInvalid, name, " takes no value");
    spelt.emplace_back(name);
    spelt.emplace_back();
  }
  return spelt;
}

std::string PathHint(const Command& command) { return "see: sleeper " + std::string(command.path) + " --help"; }

Status UnexpectedWord(const Command& command, std::span<const Option> options, const std::string& word) {
  if (!word.starts_with("-") || word == "-") {
    return WithHint(Error(ErrorKind::kInvalid, command.path, ": unexpected argument ", model::Quoted(word)),
                    PathHint(command));
  }
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> dashed;
  for (const Option& option : options) dashed.push_back(Dashed(option.name));
  const std::vector<std::string_view> names(dashed.begin(), dashed.end());
  const std::string nearest(NearestWord(name, names, TypingErrors(name)));
  return WithHint(Error(ErrorKind::kInvalid, command.path, ": unknown option ", model::Quoted(name)),
                  nearest.empty() ? PathHint(command) : "did you mean " + nearest + "?");
}

/// Collects the values of an option or positional; CLI11 calls it once with all of them.
CLI::callback_t CollectInto(Arguments& arguments, std::string_view name) {
  return [&arguments, name](const CLI::results_t& values) {
    for (const std::string& value : values) arguments.Add(name, value);
    return true;
  };
}

void Declare(CLI::App& app, const Option& option, Arguments& arguments) {
  if (!option.has_value()) {
    const std::string_view name = option.name;
    app.add_flag_callback(Dashed(name), [&arguments, name] { arguments.Add(name, "true"); });
    return;
  }
  // Without allow_extra_args(false) CLI11 takes "[a,b]" apart.
  app.add_option(Dashed(option.name), CollectInto(arguments, option.name))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

/// CLI11 lets a positional repeat in two ways: one takes "[a,b]" apart, the other is to expect many. Nobody checks that
/// they come.
void Declare(CLI::App& app, const Positional& positional, size_t words, Arguments& arguments) {
  app.add_option(std::string(positional.name), CollectInto(arguments, positional.name))
      ->expected(positional.repeats ? static_cast<int>(std::clamp<size_t>(words, 1, kPositionalsMax)) : 1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

Status CheckChoice(std::string_view what, std::span<const std::string_view> choices, const std::string& value) {
  if (choices.empty()) return Status::OK();
  std::string list;
  for (std::string_view choice : choices) {
    if (choice == value) return Status::OK();
    list += (list.empty() ? "" : ", ") + std::string(choice);
  }
  return WithHint(Error(ErrorKind::kInvalid, what, ": there is no ", model::Quoted(value)), "one of " + list);
}

Status CheckOptions(std::span<const Option> options, const Arguments& arguments) {
  for (const Option& option : options) {
    const std::vector<std::string> values = arguments.Texts(option.name);
    if (option.has_value() && !option.repeats && values.size() > 1) {
      return Error(ErrorKind::kInvalid, Dashed(option.name), " may be given only once");
    }
    for (const std::string& value : values) TRY(CheckChoice(Dashed(option.name), option.choices, value));
  }
  return Status::OK();
}

Status CheckPositionals(const Command& command, const Arguments& arguments) {
  for (const Positional& positional : command.positionals) {
    if (positional.required && !arguments.Has(positional.name)) {
      return WithHint(Error(ErrorKind::kInvalid, command.path, ": ", positional.name, " is missing"),
                      PathHint(command));
    }
    for (const std::string& value : arguments.Texts(positional.name)) {
      TRY(CheckChoice(positional.name, positional.choices, value));
    }
  }
  return Status::OK();
}

/// The one place where CLI11 is used, and where its exceptions end.
Result<Arguments> Read(const Command& command, std::span<const Option> options, std::vector<std::string> words) {
  Arguments arguments;
  CLI::App app;
  app.set_help_flag();
  for (const Option& option : options) Declare(app, option, arguments);
  for (const Positional& positional : command.positionals) Declare(app, positional, words.size(), arguments);
  std::reverse(words.begin(), words.end());
  try {
    app.parse(std::move(words));
  } catch (const CLI::ExtrasError&) {
    // As a short option CLI11 would make other words of what is glued to it.
    const std::vector<std::string> unexpected = app.remaining();
    if (std::find(unexpected.begin(), unexpected.end(), "-h") != unexpected.end()) {
      arguments.Add("help", "true");
      return arguments;
    }
    return UnexpectedWord(command, options, unexpected.front());
  } catch (const CLI::ParseError& error) {
    return WithHint(Error(ErrorKind::kInvalid, command.path, ": ", error.what()), PathHint(command));
  }
  return arguments;
}

}  // namespace

std::optional<std::string> Arguments::Text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Arguments::Texts(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

Result<std::optional<int64_t>> Arguments::Count(std::string_view name) const {
  const std::optional<std::string> text = Text(name);
  if (!text) return std::optional<int64_t>();
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (failure != std::errc() || end != text->data() + text->size() || number < 0) {
    return Error(ErrorKind::kInvalid, Dashed(name), ": ", model::Quoted(*text), " is not a number from 0 on");
  }
  return std::optional<int64_t>(number);
}

void Arguments::Add(std::string_view name, std::string value) {
  values_[std::string(name)].push_back(std::move(value));
}

Result<Arguments> ParseArguments(const Command& command, std::span<const Option> global_options,
                                 std::span<const std::string> words) {
  std::vector<Option> options = command.options;
  options.insert(options.end(), global_options.begin(), global_options.end());
  TRY_ASSIGN(std::vector<std::string> spelt, SpellOutEmptyValues(options, words));
  TRY_ASSIGN(Arguments arguments, Read(command, options, std::move(spelt)));
  if (arguments.Has("help")) return arguments;
  TRY(CheckOptions(options, arguments));
  TRY(CheckPositionals(command, arguments));
  return arguments;
}

}  // namespace sleeper::cli
