#include "sleeper/query/plan_query.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/key_codec.h"

namespace sleeper::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

model::NormalisedKey Key(int64_t value) { return model::EncodeKey(std::vector<model::KeyValue>{value}); }

model::KeyInterval Between(int64_t lower, int64_t upper) { return {Key(lower), Key(upper)}; }

state::ReferencedFile File(int64_t min, int64_t max, model::KeyInterval reference = model::KeyInterval::All()) {
  state::ReferencedFile file;
  file.reference.interval = std::move(reference);
  file.file.bounds = {Key(min), Key(max)};
  return file;
}

TEST(IntervalsIn, KeepsWhatTheFileMayHold) {
  EXPECT_THAT(
      IntervalsIn(File(10, 20), {Between(0, 5), Between(8, 12), Between(15, 16), Between(20, 30), Between(40, 50)}),
      ElementsAre(Between(8, 12), Between(15, 16), Between(20, 30)));
}

TEST(IntervalsIn, CutsAtTheReference) {
  EXPECT_THAT(IntervalsIn(File(10, 20, Between(12, 15)), {Between(0, 13), Between(14, 100)}),
              ElementsAre(Between(12, 13), Between(14, 15)));
}

TEST(IntervalsIn, LeavesOutFilesBesideTheIntervals) {
  EXPECT_THAT(IntervalsIn(File(10, 20), {Between(0, 10), Between(21, 30)}), IsEmpty());
  EXPECT_THAT(IntervalsIn(File(10, 20, Between(15, 18)), {Between(10, 15), Between(18, 20)}), IsEmpty());
}

TEST(IntervalsIn, TakesOpenIntervals) {
  EXPECT_THAT(IntervalsIn(File(10, 20), {model::KeyInterval::All()}), ElementsAre(model::KeyInterval::All()));
}

}  // namespace
}  // namespace sleeper::query
