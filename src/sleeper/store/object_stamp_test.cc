#include "sleeper/store/object_stamp.h"

#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace sleeper::store {
namespace {

/// A clock that stands still.
class StoppedClock final : public Clock {
 public:
  explicit StoppedClock(Duration since_epoch) : now_(since_epoch) {}
  WallTime Now() const override { return now_; }
  Instant MonotonicNow() const override { return Instant(); }

 private:
  const WallTime now_;
};

struct stat FileOf(std::timespec modified, int64_t size) {
  struct stat attributes = {};
  attributes.st_mtim = modified;
  attributes.st_size = size;
  return attributes;
}

TEST(ObjectStampTest, FilesOfTheSameMomentAndSizeHaveDifferentEtags) {
  const StoppedClock clock(Duration(1'000'000'123'456));
  SeededRandom random(1);
  StampSource stamps(clock, random);
  std::set<std::string> etags;
  for (int i = 0; i < 1000; ++i) etags.insert(InfoOf(ObjectPath("a"), FileOf(stamps.Next(), 5)).etag);
  EXPECT_EQ(etags.size(), 1000U);
}

TEST(ObjectStampTest, ProcessesStartAtDifferentNumbers) {
  const StoppedClock clock(Duration(1'000'000'123'456));
  SeededRandom random(1);
  StampSource ours(clock, random);
  StampSource theirs(clock, random);
  EXPECT_NE(ours.Next().tv_nsec, theirs.Next().tv_nsec);
}

TEST(ObjectStampTest, TheTimeToldEndsAtTheMilliseconds) {
  for (const int64_t microseconds : {int64_t{1'000'000'123'456}, int64_t{0}, int64_t{-1}, int64_t{999'999}}) {
    const StoppedClock clock{Duration(microseconds)};
    SeededRandom random(2);
    StampSource stamps(clock, random);
    const std::timespec stamp = stamps.Next();
    EXPECT_GE(stamp.tv_nsec, 0);
    EXPECT_LT(stamp.tv_nsec, 1'000'000'000);
    EXPECT_EQ(InfoOf(ObjectPath("a"), FileOf(stamp, 5)).last_modified,
              std::chrono::floor<std::chrono::milliseconds>(clock.Now()));
  }
}

TEST(ObjectStampTest, TheEtagTellsSizesApart) {
  const std::timespec time = {1, 2};
  EXPECT_NE(InfoOf(ObjectPath("a"), FileOf(time, 5)).etag, InfoOf(ObjectPath("a"), FileOf(time, 6)).etag);
}

}  // namespace
}  // namespace sleeper::store
