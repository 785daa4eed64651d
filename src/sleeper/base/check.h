#pragma once

#include <sstream>
#include <string>

namespace sleeper::internal {

/// Prints the broken invariant on stderr and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition, const std::string& why);

template <typename... Parts>
std::string Concatenate(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

}  // namespace sleeper::internal

/// Aborts, in every build, if an invariant of ours is broken: SLEEPER_CHECK(a < b, "why", a, " and ", b).
/// Never for input: bad input is a Status.
#define SLEEPER_CHECK(condition, ...)                                                                                  \
  do {                                                                                                                 \
    if (!(condition)) [[unlikely]] {                                                                                   \
      ::sleeper::internal::CheckFailed(__FILE__, __LINE__, #condition, ::sleeper::internal::Concatenate(__VA_ARGS__)); \
    }                                                                                                                  \
  } while (false)

/// The same inside row loops, in debug builds only.
#ifdef NDEBUG
#define SLEEPER_DCHECK(condition, ...) static_cast<void>(0)
#else
#define SLEEPER_DCHECK(condition, ...) SLEEPER_CHECK(condition, __VA_ARGS__)
#endif
