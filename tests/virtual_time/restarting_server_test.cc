// How long a store that is down is waited for.

#include <string>

#include <gtest/gtest.h>

#include "sleeper/store/memory_store.h"
#include "sleeper/store/retrying_store.h"
#include "sleeper/store/testing/intercepting_store.h"
#include "tests/virtual_time/virtual_time.h"

namespace sleeper::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kForEver = std::chrono::hours(100);

/// Connections are refused from `begin` until `end`; else it answers after some time.
class RestartingServer final : public InterceptingStore {
 public:
  RestartingServer(ObjectStore& inner, sim::VirtualTime& time, Duration begin, Duration end)
      : InterceptingStore(inner), time_(time), begin_(begin), end_(end) {}

 private:
  Status Before(const StoreCall& /*call*/) override {
    time_.Sleep(milliseconds(2));
    if (time_.now() >= begin_ && time_.now() < end_) return Error(ErrorKind::kUnavailable, "connection refused");
    time_.Sleep(milliseconds(20));
    return Status::OK();
  }

  sim::VirtualTime& time_;
  const Duration begin_;
  const Duration end_;
};

struct Outcome {
  Status status;
  /// Of the last read.
  Duration took{};
};

/// Reads an object again and again for ten seconds, on a server that is down for a while, until a read fails.
Outcome ReadOn(uint64_t seed, Duration begin, Duration end, const RetryPolicy& policy = {}) {
  Outcome outcome;
  sim::VirtualTime time(seed);
  MemoryStore memory(time.clock());
  RestartingServer server(memory, time, begin, end);
  SeededRandom random(seed);
  EXPECT_TRUE(time.Run([&] {
    const ObjectPath path("a");
    EXPECT_TRUE(memory.Put(path, Buffer::CopyOf("x"), PutMode::kIfAbsent, {}).ok());
    RetryingStore store(server, policy, {time.executor(), random});
    while (outcome.status.ok() && time.now() < seconds(10)) {
      const Duration start = time.now();
      outcome.status = store.Get(path, {}).status();
      outcome.took = time.now() - start;
    }
  }));
  return outcome;
}

TEST(RestartingServer, OfThirtySecondsIsWaitedForIfItHasAnswered) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Outcome outcome = ReadOn(seed, seconds(1), seconds(31));
    EXPECT_TRUE(outcome.status.ok()) << "seed " << seed << ": " << outcome.status.ToString();
    EXPECT_GT(outcome.took, seconds(28)) << "seed " << seed << ": the last read was the one that had to wait";
  }
}

TEST(RestartingServer, ThatDoesNotComeBackIsGivenUpAfterAMinute) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Outcome outcome = ReadOn(seed, seconds(1), kForEver);
    EXPECT_TRUE(IsKind(outcome.status, ErrorKind::kUnavailable)) << "seed " << seed;
    EXPECT_GT(outcome.took, seconds(33)) << "seed " << seed;
    EXPECT_LT(outcome.took, seconds(67)) << "seed " << seed;
  }
}

TEST(RestartingServer, ThatWasNeverThereIsGivenUpSooner) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Outcome outcome = ReadOn(seed, Duration::zero(), kForEver);
    EXPECT_TRUE(IsKind(outcome.status, ErrorKind::kUnavailable)) << "seed " << seed;
    EXPECT_GT(outcome.took, seconds(8)) << "seed " << seed;
    EXPECT_LT(outcome.took, seconds(17)) << "seed " << seed;
  }
}

TEST(RestartingServer, IsNotWaitedForLongerThanThreeMinutes) {
  const Outcome outcome = ReadOn(1, seconds(1), kForEver, {.attempts_max = 1000});
  EXPECT_TRUE(IsKind(outcome.status, ErrorKind::kUnavailable));
  EXPECT_GT(outcome.took, seconds(170));
  EXPECT_LT(outcome.took, seconds(181));
}

}  // namespace
}  // namespace sleeper::store
