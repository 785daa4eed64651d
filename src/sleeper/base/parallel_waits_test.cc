#include "sleeper/base/parallel_waits.h"

#include <atomic>
#include <vector>

#include <gtest/gtest.h>

#include "sleeper/base/time.h"

namespace sleeper {
namespace {

TEST(ForEachWaiting, CallsTheBodyOnceForEachNumber) {
  const SystemClock clock;
  ThreadExecutor executor(1, clock);
  for (const int64_t parallel_max : {1, 3, 100}) {
    std::vector<std::atomic<int>> calls(20);
    ASSERT_TRUE(ForEachWaiting(executor, 20, parallel_max, [&](int64_t i) -> Status {
                  ++calls[static_cast<size_t>(i)];
                  return Status::OK();
                }).ok());
    for (const std::atomic<int>& count : calls) EXPECT_EQ(count, 1);
  }
}

TEST(ForEachWaiting, ReturnsAFailureAndBeginsNoMore) {
  const SystemClock clock;
  ThreadExecutor executor(1, clock);
  std::atomic<int> calls = 0;
  const Status status = ForEachWaiting(executor, 20, 1, [&](int64_t i) -> Status {
    ++calls;
    return i == 3 ? Error(ErrorKind::kDenied, "the fourth") : Status::OK();
  });
  EXPECT_EQ(KindOf(status), ErrorKind::kDenied);
  EXPECT_EQ(calls, 4);
}

}  // namespace
}  // namespace sleeper
