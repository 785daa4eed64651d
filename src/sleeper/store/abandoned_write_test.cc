#include "sleeper/store/abandoned_write.h"

#include <gtest/gtest.h>

#include "sleeper/base/cancellation.h"
#include "sleeper/base/time.h"

namespace sleeper::store {
namespace {

TEST(AbandonedWrite, HasSimplyFailedIfItsAnswerWasLost) {
  const SystemClock clock;
  EXPECT_EQ(KindOf(AbandonedWrite(Error(ErrorKind::kOutcomeUnknown, "lost"), CallContext(), clock)),
            ErrorKind::kUnavailable);
}

TEST(AbandonedWrite, WasCancelledIfNobodyWaitedForItsAnswer) {
  const SystemClock clock;
  Cancellation cancellation;
  cancellation.Cancel();
  const CallContext call{.cancellation = &cancellation};
  EXPECT_EQ(KindOf(AbandonedWrite(Error(ErrorKind::kOutcomeUnknown, "lost"), call, clock)), ErrorKind::kCancelled);
}

TEST(AbandonedWrite, KeepsWhatElseWentWrong) {
  const SystemClock clock;
  Cancellation cancellation;
  cancellation.Cancel();
  const CallContext call{.cancellation = &cancellation};
  EXPECT_TRUE(AbandonedWrite(Status::OK(), call, clock).ok());
  EXPECT_EQ(KindOf(AbandonedWrite(Error(ErrorKind::kDenied, "no"), call, clock)), ErrorKind::kDenied);
}

}  // namespace
}  // namespace sleeper::store
