#include "sleeper/base/call_context.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sleeper {
namespace {

using std::chrono::seconds;

class StandingClock final : public Clock {
 public:
  WallTime Now() const override { return WallTime(); }
  Instant MonotonicNow() const override { return now; }
  Instant now{seconds(100)};
};

TEST(CallContext, WithoutDeadlineAndCancellationIsAlwaysWanted) {
  EXPECT_TRUE(CallContext().Check(StandingClock()).ok());
}

TEST(CallContext, EndsAtItsDeadline) {
  StandingClock clock;
  CallContext call{.deadline = Instant(seconds(101))};
  EXPECT_TRUE(call.Check(clock).ok());
  clock.now = Instant(seconds(101));
  EXPECT_TRUE(IsKind(call.Check(clock), ErrorKind::kCancelled));
}

TEST(CallContext, EndsWhenCancelled) {
  Cancellation cancellation;
  CallContext call{.cancellation = &cancellation, .caller = "query"};
  EXPECT_TRUE(call.Check(StandingClock()).ok());
  cancellation.Cancel();
  Status status = call.Check(StandingClock());
  EXPECT_TRUE(IsKind(status, ErrorKind::kCancelled));
  EXPECT_EQ(status.message(), "query was cancelled");
}

TEST(CallContext, AnotherCallerChangesNothingElse) {
  Cancellation cancellation;
  CallContext call{.deadline = Instant(seconds(7)), .cancellation = &cancellation, .caller = "ingest"};
  CallContext copy = call.As("commit");
  EXPECT_EQ(copy.caller, "commit");
  EXPECT_EQ(copy.deadline, call.deadline);
  EXPECT_EQ(copy.cancellation, &cancellation);
  EXPECT_EQ(call.caller, "ingest");
}

TEST(CallContext, UntilOnlyShortens) {
  CallContext call{.deadline = Instant(seconds(7))};
  EXPECT_EQ(call.Until(Instant(seconds(5))).deadline, Instant(seconds(5)));
  EXPECT_EQ(call.Until(Instant(seconds(9))).deadline, Instant(seconds(7)));
}

class Recorder final : public ProgressSink {
 public:
  void Report(std::string_view phase, int64_t done, int64_t total) override {
    heard.push_back(std::string(phase) + " " + std::to_string(done) + "/" + std::to_string(total));
  }
  std::vector<std::string> heard;
};

TEST(CallContext, ReportsProgressToWhoeverListens) {
  Recorder recorder;
  CallContext call{.progress = &recorder};
  call.Report("reading", 3, 10);
  CallContext().Report("reading", 4, 10);
  EXPECT_EQ(recorder.heard, std::vector<std::string>{"reading 3/10"});
}

}  // namespace
}  // namespace sleeper
