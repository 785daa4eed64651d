#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sleeper/base/mutex.h"

namespace sleeper::store {

/// The kinds of requests that stores answer and bill.
enum class Verb { kGet, kPut, kList, kHead, kDelete };
inline constexpr int kVerbs = 5;

/// "get", "put", "list", "head", "delete".
std::string_view VerbName(Verb verb);

/// True of the verbs that answer with something read.
constexpr bool IsRead(Verb verb) { return verb == Verb::kGet || verb == Verb::kList || verb == Verb::kHead; }

/// One number per verb.
struct VerbCounts {
  std::array<int64_t, kVerbs> counts = {};

  int64_t& operator[](Verb verb) { return counts[static_cast<size_t>(verb)]; }
  int64_t operator[](Verb verb) const { return counts[static_cast<size_t>(verb)]; }
  int64_t total() const;
  friend bool operator==(const VerbCounts&, const VerbCounts&) = default;
};

/// What one request of each verb costs, in US dollars.
struct RequestPrices {
  std::array<double, kVerbs> dollars = {};

  double operator[](Verb verb) const { return dollars[static_cast<size_t>(verb)]; }
};

/// A store that bills nothing: a folder, memory.
RequestPrices FreeRequests();

/// The list prices of S3 Standard in us-east-1, without data transfer: an estimate for a report, not a bill.
RequestPrices S3StandardPrices();

/// What was asked of a store, and what it costs.
struct StoreUsage {
  VerbCounts requests;
  int64_t bytes_read = 0;
  int64_t bytes_written = 0;
  /// The longest chain of reads of which each had to wait for the one before it. A read's wave is 1 + the highest wave
  /// among the reads that had ended when it started; this is the highest of all.
  int64_t get_waves = 0;

  double dollars(const RequestPrices& prices) const;
  friend bool operator==(const StoreUsage&, const StoreUsage&) = default;
};

/// Adds up the requests of any number of stores and callers. Thread-safe.
class StoreMeter {
 public:
  /// A request that has started. End() is called once.
  struct Request {
    Verb verb = Verb::kGet;
    std::string_view caller;
    int64_t wave = 0;
  };

  /// Counts `count` requests that start together; they are one wave.
  Request Start(Verb verb, std::string_view caller, int64_t count = 1);

  /// Notes the end of a request and the bytes that it moved, in the direction of its verb.
  void End(const Request& request, int64_t bytes);

  StoreUsage total() const;
  std::map<std::string, StoreUsage, std::less<>> by_caller() const;

 private:
  StoreUsage& UsageOf(std::string_view caller) SLEEPER_REQUIRES(mutex_);

  mutable Mutex mutex_;
  StoreUsage total_ SLEEPER_GUARDED_BY(mutex_);
  std::map<std::string, StoreUsage, std::less<>> by_caller_ SLEEPER_GUARDED_BY(mutex_);
  /// The highest wave among the reads that have ended.
  int64_t wave_ended_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

}  // namespace sleeper::store
