#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/cli/arguments.h"
#include "sleeper/cli/console.h"
#include "sleeper/cli/environment.h"
#include "sleeper/cli/failure.h"
#include "sleeper/cli/progress_bar.h"
#include "sleeper/engine/instance.h"
#include "sleeper/engine/probe.h"
#include "sleeper/engine/table.h"

namespace sleeper::cli {

/// A value of the global options.
struct GlobalSettings {
  static Result<GlobalSettings> From(const Arguments& arguments, const Environment& environment);

  std::string instance;  ///< Empty: none was named.
  Format format = Format::kText;
  bool quiet = false;
  bool stats = false;
  engine::MachineOptions machine;
};

/// One run of the program: what commands share. Confined.
class Session {
 public:
  Session(const Environment& environment, GlobalSettings settings);
  ~Session();

  const GlobalSettings& settings() const { return settings_; }
  bool json() const { return settings_.format == Format::kJson; }
  const std::string& version() const { return environment_.version; }

  /// What calls of the engine get.
  CallContext call();

  /// Since the session began.
  Duration elapsed() const;

  Result<engine::Location> location() const;

  /// Makes the instance, or opens the one that is there.
  Result<bool> CreateInstance();
  /// Opens the instance, the first time that it is called.
  Result<engine::Instance*> OpenInstance();
  /// Tries out the store of the location.
  Result<store::ProbeReport> Probe();
  /// Opens the table that the arguments call TABLE.
  Result<std::unique_ptr<engine::Table>> OpenTable(const Arguments& arguments);

  /// A result, as it is.
  Status Print(std::string_view text);
  Status PrintJson(const nlohmann::ordered_json& json);
  /// What was done: JSON always, a text unless the session is quiet.
  Status Summarise(const nlohmann::ordered_json& json, std::string_view text);
  /// Something that is good to know, on stderr, for people.
  void Note(std::string_view text);

  /// Wipes the progress line, because something else is about to be written to the terminal.
  void EndProgress();

  /// The line that --stats asks for.
  std::string Stats() const;

  Console& console() { return console_; }

 private:
  const Environment& environment_;
  const GlobalSettings settings_;
  SystemClock clock_;
  const Instant start_;
  Console console_;
  std::unique_ptr<ProgressBar> progress_;
  std::unique_ptr<engine::Instance> instance_;
  /// Without an instance.
  std::optional<engine::ProbeResult> probed_;
};

}  // namespace sleeper::cli
