#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/time.h"

namespace sleeper::sim {

/// What happened in a run: a hash of every choice and every port call, and the latest port calls as text. Two runs of
/// one seed must have the same hash; where they differ, something that the seed does not govern had a say. Confined.
class Trace {
 public:
  /// One port call, or a note of the simulation itself.
  struct Line {
    Duration time{};
    std::string process;
    int task = 0;
    std::string what;
    std::string path;
    int64_t bytes = -1;
    /// Which faults it met.
    std::string fault;
    std::string outcome;
  };

  static constexpr size_t kLinesKept = 50;

  /// Feeds the hash.
  void Mix(uint64_t value);
  void Mix(std::string_view bytes);

  /// Adds a line, and feeds the hash with it.
  void Add(const Line& line);

  /// Prints every line as it comes; for the replay of a seed. `out` must outlive the trace.
  void PrintTo(std::ostream* out) { out_ = out; }

  uint64_t hash() const { return hash_; }
  int64_t lines() const { return lines_; }

  /// The latest lines, oldest first, one text line each.
  std::vector<std::string> Latest() const;

 private:
  uint64_t hash_ = 0;
  int64_t lines_ = 0;
  std::vector<Line> latest_;
  std::ostream* out_ = nullptr;
};

/// "12.345678s writer-1/3 put tables/1f/log/0a 812 bytes [answer lost]: outcome_unknown".
std::string Format(const Trace::Line& line);

}  // namespace sleeper::sim
