// The marks of time of a table: which are forgotten, and when.

#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/state/table_machine.h"
#include "sleeper/state/table_transition.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::state {
namespace {

using ::testing::ElementsAre;

TableStatePtr MarkedAt(TableStatePtr state, const std::vector<model::LogNumber>& numbers) {
  for (const model::LogNumber number : numbers) {
    const WallTime time(std::chrono::minutes(static_cast<int64_t>(number)));
    state = TableMachine::WithMark(state, {number, time}, state->number());
  }
  return state;
}

std::vector<model::LogNumber> MarksOf(const TableState& state) {
  std::vector<model::LogNumber> numbers;
  for (const TimeMark& mark : state.Marks()) numbers.push_back(mark.number);
  return numbers;
}

TEST(ForgetMarks, LeavesTheOthersAndWhatTheyTell) {
  const TestTable table;
  const TableStatePtr state = MarkedAt(table.state_ptr(), {2, 3, 5, 8});
  const TableTransition forgotten = Apply(state, ForgetMarks{{3, 4, 5}}, 2);
  ASSERT_TRUE(forgotten.outcome.applied());
  EXPECT_THAT(MarksOf(*forgotten.state), ElementsAre(2, 8));
  EXPECT_EQ(forgotten.state->TimeAtOrAfter(3), WallTime(std::chrono::minutes(8)));
  EXPECT_EQ(Apply(forgotten.state, ForgetMarks{{3, 4}}, 3).outcome.verdict, Verdict::kAlreadyDone);
}

TEST(ForgetMarks, KeepsTheNewest) {
  const TestTable table;
  const TableStatePtr state = MarkedAt(table.state_ptr(), {2, 3});
  EXPECT_EQ(KindOf(Apply(state, ForgetMarks{{2, 3}}, 2).outcome.refusal), ErrorKind::kInvalid);
  EXPECT_EQ(KindOf(Apply(state, ForgetMarks{{2, 2}}, 2).outcome.refusal), ErrorKind::kInvalid) << "named twice";
  EXPECT_EQ(KindOf(Apply(state, ForgetMarks{}, 2).outcome.refusal), ErrorKind::kInvalid);
}

TEST(Marks, OfATableThatNobodySweepsAreThinnedAsEver) {
  // The digests of entries that were written long ago depend on it.
  std::vector<model::LogNumber> numbers(4'097);
  std::iota(numbers.begin(), numbers.end(), 1);
  const TestTable table;
  const std::vector<model::LogNumber> left = MarksOf(*MarkedAt(table.state_ptr(), numbers));
  ASSERT_EQ(left.size(), 4'097U - 1'024U);
  EXPECT_THAT(std::vector(left.begin(), left.begin() + 3), ElementsAre(1, 3, 5));
  EXPECT_THAT(std::vector(left.begin() + 1'023, left.begin() + 1'026), ElementsAre(2'047, 2'049, 2'050));
}

}  // namespace
}  // namespace sleeper::state
