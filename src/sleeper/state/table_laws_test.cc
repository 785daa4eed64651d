// Laws that hold of every state, tried on random transactions.

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/executor.h"
#include "sleeper/state/inspect.h"
#include "sleeper/state/snapshot.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/testing/random_transactions.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::state {
namespace {

constexpr uint64_t kSeeds = 4;
constexpr int kSteps = 80;

class TableLaws : public ::testing::TestWithParam<uint64_t> {
 protected:
  struct Step {
    std::string transaction;
    MapDigest digest;
  };

  void SetUp() override { SCOPED_TRACE("seed " + std::to_string(GetParam())); }

  static Result<TableStatePtr> Reload(const TableState& state, Executor& executor) {
    const Snapshot snapshot{{state.number(), RecentIds().With(state.number(), model::EntryId(std::string(16, 'a')), 9),
                             std::nullopt, state.digest()},
                            TableMachine::Dump(state)};
    std::string bytes;
    for (const Buffer& piece : EncodeSnapshot(snapshot)) bytes.append(piece.view());
    TRY_ASSIGN(const Snapshot read,
               DecodeSnapshot(Buffer::FromString(bytes), TableMachine::CheckEntry, executor, "snapshot"));
    return TableMachine::Load(read.position.number, read.contents);
  }

  SeededRandom random_{GetParam()};
  RandomTransactions transactions_{random_};
  SystemClock clock_;
  ThreadExecutor executor_{1, clock_};
};

INSTANTIATE_TEST_SUITE_P(Seeds, TableLaws, ::testing::Range<uint64_t>(1, kSeeds + 1));

TEST_P(TableLaws, HoldAfterEveryTransaction) {
  TableStatePtr state = TableState::Empty();
  std::map<std::string, int> applied;
  for (int step = 0; step < kSteps; ++step) {
    const Transaction transaction = transactions_.Next(*state);
    const TableTransition transition = Apply(state, transaction, state->number() + 1);
    const std::string name(TransactionName(transaction));
    ASSERT_EQ(Validate(*state, transaction, state->number() + 1).verdict, transition.outcome.verdict) << name;
    if (!transition.outcome.applied()) {
      ASSERT_EQ(transition.state, state) << name << " changed the state, although it does not fit";
      continue;
    }
    ++applied[name];
    state = transition.state;
    ASSERT_EQ(FindBrokenLaw(*state), "") << "after " << name << " at " << state->number();
  }
  EXPECT_GE(applied.size(), 8U) << "too few kinds of transactions were tried";
}

TEST_P(TableLaws, ReplayIsSnapshotAndTail) {
  TableStatePtr state = TableState::Empty();
  TableStatePtr reloaded = state;
  for (int step = 0; step < kSteps; ++step) {
    const Transaction transaction = transactions_.Next(*state);
    const TableTransition transition = Apply(state, transaction, state->number() + 1);
    if (!transition.outcome.applied()) continue;
    // The transaction goes through its bytes, the other state through a snapshot now and then.
    const Result<Transaction> read = TableMachine::Decode(TableMachine::Encode(transaction));
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    ASSERT_EQ(*read, transaction);
    const TableTransition replayed = Apply(reloaded, *read, state->number() + 1);
    ASSERT_TRUE(replayed.outcome.applied()) << TransactionName(transaction);
    state = transition.state;
    reloaded = replayed.state;
    ASSERT_EQ(reloaded->digest(), state->digest()) << "after " << TransactionName(transaction);
    if (random_.Below(12) != 0) continue;
    const Result<TableStatePtr> loaded = Reload(*reloaded, executor_);
    ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
    reloaded = *loaded;
    ASSERT_EQ(reloaded->digest(), state->digest());
    ASSERT_EQ(reloaded->totals(), state->totals());
    ASSERT_EQ(FindBrokenLaw(*reloaded), "");
  }
  EXPECT_EQ(ShowTableState(*reloaded), ShowTableState(*state));
}

TEST_P(TableLaws, ASplitAndItsMergeGiveBackTheBoundaries) {
  TableStatePtr state = TableState::Empty();
  for (int step = 0; step < kSteps / 2; ++step) {
    state = Apply(state, transactions_.Next(*state), state->number() + 1).state;
  }
  const auto lowers = [](const TableState& s) {
    std::vector<std::string> result;
    for (const model::Partition& leaf : s.partitions().All()) result.push_back(leaf.interval.lower);
    return result;
  };
  int tried = 0;
  for (const model::Partition& leaf : state->partitions().All()) {
    const std::string middle = leaf.interval.lower + "m";
    if (!leaf.interval.Contains(middle)) continue;
    const TableTransition split =
        Apply(state, SplitPartitions{{{leaf.id, {middle, middle + "m"}}}}, state->number() + 1);
    if (!split.outcome.applied()) continue;
    const uint64_t next = split.state->partitions().next_number();
    const TableTransition merged = Apply(
        split.state,
        MergePartitions{
            {{model::MakePartitionId(next - 3), model::MakePartitionId(next - 2), model::MakePartitionId(next - 1)}}},
        state->number() + 2);
    ASSERT_TRUE(merged.outcome.applied()) << merged.outcome.refusal.ToString();
    EXPECT_EQ(lowers(*merged.state), lowers(*state));
    EXPECT_EQ(merged.state->totals().rows, state->totals().rows);
    ASSERT_EQ(FindBrokenLaw(*merged.state), "");
    ++tried;
  }
  EXPECT_GT(tried, 0);
}

TEST_P(TableLaws, ThePartitionsOfAFilesReferencesDoNotDependOnTheOrderOfSplitAndAdd) {
  // A split before a file is added, and after, leave references in the same places.
  TestTable before;
  TestTable after;
  const std::string key(1, static_cast<char>('c' + GetParam()));
  const NewFile file = before.File("a", {"b", "y"}, 100);
  EXPECT_EQ(before.Do(SplitPartitions{{{model::PartitionId("p0"), {key}}}}), "applied");
  EXPECT_EQ(before.Add({file}), "applied");
  EXPECT_EQ(after.Add({after.File("a", {"b", "y"}, 100)}), "applied");
  EXPECT_EQ(after.Do(SplitPartitions{{{model::PartitionId("p0"), {key}}}}), "applied");
  EXPECT_EQ(before.References(), after.References());
}

}  // namespace
}  // namespace sleeper::state
