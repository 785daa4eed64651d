#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

namespace sleeper {

/// A visible tag for StrongId, written as a literal: StrongId<"partition">.
template <size_t N>
struct IdTag {
  consteval IdTag(const char (&text)[N]) { std::copy_n(text, N, value); }
  char value[N];
};

/// A textual identifier that cannot be mistaken for one of another kind. Immutable value.
template <IdTag kTag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}

  const std::string& value() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const StrongId&, const StrongId&) = default;
  friend auto operator<=>(const StrongId&, const StrongId&) = default;
  friend std::ostream& operator<<(std::ostream& out, const StrongId& id) { return out << id.value_; }

 private:
  std::string value_;
};

}  // namespace sleeper

template <sleeper::IdTag kTag>
struct std::hash<sleeper::StrongId<kTag>> {
  size_t operator()(const sleeper::StrongId<kTag>& id) const noexcept { return std::hash<std::string>()(id.value()); }
};
