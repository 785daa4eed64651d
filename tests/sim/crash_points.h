#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/sim/site.h"

namespace sleeper::sim {

/// An operation whose process dies at each of its calls of the store, before the call has its effect and after it.
struct CrashStory {
  std::string operation;
  /// What was done before.
  std::function<Status(Site&)> prepare;
  /// Must be able to follow on any part of itself.
  std::function<Status(Site&)> operate;
  /// What readers find before and after the operation. A crash leads to one of them.
  Contents before;
  Contents after;
};

/// Every operation that writes.
std::vector<CrashStory> CrashStories();

/// What became of all crashes of one story.
struct CrashReport {
  /// Calls of the store that the operation makes.
  int64_t calls = 0;
  int64_t crashes = 0;
  /// Crashes after which the operation was found done, and not done.
  int64_t found_done = 0;
  int64_t found_undone = 0;
  /// What was wrong, with the crash that led to it.
  std::vector<std::string> violations;
};

/// Plays the story once for each call and each side of its effect. After the death another process reads, does the
/// operation again, reads, waits some days and tidies: then every object must be one that somebody needs.
CrashReport PlayCrashes(const CrashStory& story);

}  // namespace sleeper::sim
