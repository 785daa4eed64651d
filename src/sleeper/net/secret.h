#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace sleeper::net {

/// A text that must not appear in an error, a log or a dump: printing it prints a placeholder. Immutable value.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  /// The text itself, for signing and for headers only.
  const std::string& Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  friend bool operator==(const Secret&, const Secret&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Secret& secret) {
    return out << (secret.empty() ? "(none)" : "(secret)");
  }

 private:
  std::string text_;
};

}  // namespace sleeper::net
