#include "tests/sim/trace.h"

#include <algorithm>
#include <xxhash.h>

#include <fmt/format.h>

namespace sleeper::sim {

void Trace::Mix(uint64_t value) {
  // One round of a multiplicative hash; what matters is that order and value both count.
  hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15;
  hash_ ^= hash_ >> 32;
}

void Trace::Mix(std::string_view bytes) { Mix(XXH3_64bits(bytes.data(), bytes.size())); }

void Trace::Add(const Line& line) {
  Mix(static_cast<uint64_t>(line.time.count()));
  Mix(static_cast<uint64_t>(line.task));
  Mix(line.what);
  Mix(line.path);
  Mix(static_cast<uint64_t>(line.bytes));
  Mix(line.outcome);
  if (latest_.size() < kLinesKept) {
    latest_.push_back(line);
  } else {
    latest_[static_cast<size_t>(lines_) % kLinesKept] = line;
  }
  ++lines_;
  if (out_ != nullptr) *out_ << Format(line) << '\n';
}

std::vector<std::string> Trace::Latest() const {
  std::vector<std::string> texts;
  for (const Line& line : latest_) texts.push_back(Format(line));
  const size_t oldest = latest_.size() < kLinesKept ? 0 : static_cast<size_t>(lines_) % kLinesKept;
  std::rotate(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(oldest), texts.end());
  return texts;
}

std::string Format(const Trace::Line& line) {
  std::string text =
      fmt::format("{:.6f}s {}/{} {}", static_cast<double>(line.time.count()) / 1e6, line.process, line.task, line.what);
  if (!line.path.empty()) text += " " + line.path;
  if (line.bytes >= 0) text += fmt::format(" {} bytes", line.bytes);
  if (!line.fault.empty()) text += fmt::format(" [{}]", line.fault);
  if (!line.outcome.empty()) text += ": " + line.outcome;
  return text;
}

}  // namespace sleeper::sim
