#include "sleeper/ingest/registration.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/executor.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/ingest/testing/test_table.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/testing/test_table.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::ingest {
namespace {

using model::ValueOf;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// An ingest into a table whose unknown objects are swept after a day.
class RegistrationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(committer_.Commit(state::DefineTable{state::SampleDefinition(), {}}, {}).ok());
    spec_.emplace(ValueOf(PlanIngest(*Newest().state, {.job = model::JobId("job"), .inputs = {}, .reading = ""}, {})));
    registration_.emplace(committer_, executor_, random_, *spec_);
  }

  state::DatedState<state::TableState> Newest() { return ValueOf(log_.RefreshDated({})); }

  /// Unfinished jobs as "kind specification from birth".
  std::vector<std::string> Registered() {
    std::vector<std::string> jobs;
    for (const state::UnfinishedJob& job : Newest().state->Jobs()) {
      jobs.push_back(job.specification + " from " + std::to_string(job.earliest_birth));
    }
    return jobs;
  }

  AdvancedClock clock_;
  SeededRandom random_{1};
  ThreadExecutor executor_{2, clock_};
  store::MemoryStore store_{clock_};
  state::TableLog log_{
      store_, clock_, random_, executor_, state::LogLayout::ForTable(model::TableId("00000000000000aa")), {}};
  state::TableCommitter committer_{log_};
  std::optional<IngestSpec> spec_;
  std::optional<Registration> registration_;
};

TEST_F(RegistrationTest, AQuickIngestIntoATableInUseNeedsNone) {
  ASSERT_TRUE(registration_->FileIsBorn(Newest(), {}).ok());
  clock_.Advance(hours(5));
  ASSERT_TRUE(registration_->KeepAlive(Newest(), {}).ok());
  EXPECT_THAT(Registered(), IsEmpty());
  EXPECT_FALSE(registration_->Ending());
}

TEST_F(RegistrationTest, AnIngestThatReadsForLongRegistersBeforeItsFirstFile) {
  ASSERT_TRUE(registration_->KeepAlive(Newest(), {}).ok());
  EXPECT_THAT(Registered(), IsEmpty());
  clock_.Advance(hours(7));
  ASSERT_TRUE(registration_->KeepAlive(Newest(), {}).ok());
  ASSERT_THAT(Registered(), ElementsAre("ingest job job from 1"));
  ASSERT_TRUE(registration_->FileIsBorn(Newest(), {}).ok());
  EXPECT_THAT(Registered(), ElementsAre("ingest job job from 1"));
}

TEST_F(RegistrationTest, AnIngestIntoATableAtRestRegistersBeforeItsFirstFile) {
  clock_.Advance(hours(7));
  ASSERT_TRUE(registration_->FileIsBorn(Newest(), {}).ok());
  EXPECT_THAT(Registered(), ElementsAre("ingest job job from 1"));
}

TEST_F(RegistrationTest, ALongIngestRegistersWithItsEarliestBirthAndAgainWhileItLasts) {
  ASSERT_TRUE(registration_->FileIsBorn(Newest(), {}).ok());
  clock_.Advance(hours(7));
  ASSERT_TRUE(registration_->KeepAlive(Newest(), {}).ok());
  ASSERT_THAT(Registered(), ElementsAre("ingest job job from 1"));
  const model::LogNumber registered = Newest().state->Jobs()[0].registered;
  clock_.Advance(hours(5));
  ASSERT_TRUE(registration_->FileIsBorn(Newest(), {}).ok());
  EXPECT_EQ(Newest().state->Jobs()[0].registered, registered) << "it is not time yet";
  clock_.Advance(hours(2));
  ASSERT_TRUE(registration_->KeepAlive(Newest(), {}).ok());
  ASSERT_THAT(Registered(), ElementsAre("ingest job job from 1"));
  EXPECT_GT(Newest().state->Jobs()[0].registered, registered) << "it does not look dead";
}

TEST_F(RegistrationTest, EndsWithTheCommitOrWhenTheIngestIsGivenUp) {
  clock_.Advance(hours(7));
  ASSERT_TRUE(registration_->FileIsBorn(Newest(), {}).ok());
  ASSERT_TRUE(registration_->Ending());
  registration_->GiveUp({});
  EXPECT_THAT(Registered(), IsEmpty());
  EXPECT_FALSE(Newest().state->FindOutcome(model::JobId("job"))) << "the job itself may be tried again";
}

TEST_F(RegistrationTest, AnIngestThatASweepHasPassedIsToldSo) {
  ASSERT_TRUE(registration_->FileIsBorn(Newest(), {}).ok());
  ASSERT_TRUE(committer_.Commit(state::RaiseSweepFloor{1}, {}).ok());
  ASSERT_TRUE(committer_.Commit(state::RaiseSweepFloor{2}, {}).ok());
  clock_.Advance(hours(7));
  EXPECT_EQ(KindOf(registration_->KeepAlive(Newest(), {})), ErrorKind::kConflict);
}

TEST(IngestTable, EndsItsRegistrationWithItsCommit) {
  TestTable table(columnar::LayoutOf(
      R"({"rowKeyFields":[{"name":"k","type":"LongType"}],"valueFields":[{"name":"v","type":"StringType"}]})"));
  // Everything counts as old at once.
  table.properties = ValueOf(model::Properties::Make({{"sweep.age.minutes", "0"}}));
  const model::LogNumber before = table.State()->number();
  ASSERT_TRUE(table.Ingest("job", {R"({"k":1,"v":"a"})"}).ok());
  EXPECT_THAT(table.State()->Jobs(), IsEmpty());
  EXPECT_EQ(table.State()->number(), before + 2) << "the registration, and the rows with its end";
  EXPECT_THAT(table.Rows(), SizeIs(1));
}

}  // namespace
}  // namespace sleeper::ingest
