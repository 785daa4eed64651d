#include "sleeper/state/committer.h"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/cancellation.h"
#include "sleeper/base/event.h"
#include "sleeper/base/mutex.h"
#include "sleeper/base/task_group.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/testing/impatient_log.h"
#include "sleeper/state/testing/test_table.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::state {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const model::TableId kTable("00000000000000aa");

/// Tells when so many tasks wait at its wait points at the same time.
class CountingExecutor final : public Executor {
 public:
  CountingExecutor(Executor& inner, int awaited) : inner_(inner), awaited_(awaited), all_wait_(inner) {}

  void AwaitWaiters() { all_wait_.Wait(); }

  void Spawn(std::function<void()> task) override { inner_.Spawn(std::move(task)); }
  void SpawnThread(std::function<void()> task) override { inner_.SpawnThread(std::move(task)); }
  int concurrency() const override { return inner_.concurrency(); }
  std::unique_ptr<WaitPoint> MakeWaitPoint() override { return std::make_unique<Point>(*this, inner_.MakeWaitPoint()); }
  void SleepUntil(Instant time) override { inner_.SleepUntil(time); }
  const Clock& clock() const override { return inner_.clock(); }

 private:
  class Point final : public WaitPoint {
   public:
    Point(CountingExecutor& counts, std::unique_ptr<WaitPoint> inner) : counts_(counts), inner_(std::move(inner)) {}

    Ticket Take() override { return inner_->Take(); }
    bool Wait(Ticket ticket, Instant deadline) override {
      counts_.Count(1);
      const bool notified = inner_->Wait(ticket, deadline);
      counts_.Count(-1);
      return notified;
    }
    void NotifyAll() override { inner_->NotifyAll(); }

   private:
    CountingExecutor& counts_;
    const std::unique_ptr<WaitPoint> inner_;
  };

  void Count(int change) {
    bool all = false;
    {
      MutexLock lock(mutex_);
      waiters_ += change;
      all = waiters_ == awaited_;
    }
    if (all) all_wait_.Set();
  }

  Executor& inner_;
  const int awaited_;
  Event all_wait_;
  Mutex mutex_;
  int waiters_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

/// A store whose puts and listings are told before they happen, and may fail instead.
class TellingStore final : public store::InterceptingStore {
 public:
  using InterceptingStore::InterceptingStore;

  std::function<Status(const store::ObjectPath&, const Buffer&, const CallContext&)> before_put;
  std::function<void(const CallContext&)> after_list;

  Result<store::PutOutcome> Put(const store::ObjectPath& path, Buffer bytes, store::PutMode mode,
                                const CallContext& call) override {
    if (before_put) TRY(before_put(path, bytes, call));
    return inner().Put(path, std::move(bytes), mode, call);
  }
  Result<store::ListPage> List(const store::ObjectPath& prefix, const store::ObjectPath& after, int keys_max,
                               const CallContext& call) override {
    auto page = inner().List(prefix, after, keys_max, call);
    if (after_list) after_list(call);
    return page;
  }

 private:
  Status Before(const store::StoreCall&) override { return Status::OK(); }
};

Transaction Record(const std::string& id) {
  return RecordJobs{{{model::JobId(id), JobKind::kExport, SpecHash("spec"), JobResult::kFinished, {}, "", 0}}};
}

/// Two callers share an entry. The put is in doubt when the one who made it is cancelled, so that the other one leads.
class ADoubtfulEntryOfTwo : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(committer_.Commit(DefineTable{SampleDefinition(), {}}, {}).ok()); }

  /// What both are told, the first leader first. The second one's put fails with `second`, or, if nothing is given, it
  /// is cancelled before it.
  std::vector<std::string> Run(std::optional<ErrorKind> second) {
    TaskGroup others(executor_);
    std::array<Status, 2> answers;
    std::array<Cancellation, 2> cancellations;
    int leader = -1;
    int puts = 0;
    const auto cancel = [&](const CallContext& call) {
      const int who = call.cancellation == &cancellations[0] ? 0 : 1;
      cancellations[static_cast<size_t>(who)].Cancel();
      return who;
    };
    telling_.before_put = [&](const store::ObjectPath& path, const Buffer& bytes, const CallContext& call) -> Status {
      switch (++puts) {
        case 1:
          // An entry of a third one is on its way while the two come together.
          for (size_t i = 0; i < 2; ++i) {
            others.RunStage([&, i] {
              CallContext own;
              own.cancellation = &cancellations[i];
              answers[i] = committer_.Commit(Record(i == 0 ? "a" : "b"), own).status();
              return Status::OK();
            });
          }
          counting_.AwaitWaiters();
          return Status::OK();
        case 2:
          late_path_ = path;
          late_bytes_ = bytes;
          leader = cancel(call);
          return Error(ErrorKind::kOutcomeUnknown, "the connection was lost");
        default:
          return Error(second.value_or(ErrorKind::kInternal), "the store says no");
      }
    };
    telling_.after_list = [&](const CallContext& call) {
      if (puts == 2 && !second) cancel(call);
    };
    EXPECT_TRUE(committer_.Commit(Record("third"), {}).ok());
    EXPECT_TRUE(others.Join().ok());
    telling_.before_put = nullptr;
    telling_.after_list = nullptr;
    EXPECT_GE(leader, 0);
    std::vector<std::string> told;
    for (const int who : {leader, 1 - leader}) {
      told.emplace_back(ErrorKindName(KindOf(answers[static_cast<size_t>(who)])));
    }
    return told;
  }

  Status LandLatePut() { return store_.Put(late_path_, late_bytes_, store::PutMode::kIfAbsent, {}).status(); }

  /// The jobs that a process finds that has just started.
  std::vector<std::string> Jobs() {
    TableLog log(store_, clock_, random_, executor_, LogLayout::ForTable(kTable), ImpatientLog());
    const Result<TableStatePtr> state = log.Refresh({});
    EXPECT_TRUE(state.ok()) << state.status();
    std::vector<std::string> ids;
    if (!state.ok()) return ids;
    for (const JobOutcome& outcome : (*state)->Outcomes(0, 10)) ids.push_back(outcome.id.value());
    return ids;
  }

  SystemClock clock_;
  SeededRandom random_{1};
  ThreadExecutor executor_{2, clock_};
  CountingExecutor counting_{executor_, 2};
  store::MemoryStore store_{clock_};
  TellingStore telling_{store_};
  TableLog log_{telling_, clock_, random_, counting_, LogLayout::ForTable(kTable), ImpatientLog()};
  TableCommitter committer_{log_};
  store::ObjectPath late_path_;
  Buffer late_bytes_;
};

TEST_F(ADoubtfulEntryOfTwo, IsNotDeniedByTheRefusalOfTheNextLeadersPut) {
  EXPECT_THAT(Run(ErrorKind::kDenied), ElementsAre("outcome_unknown", "outcome_unknown"));
  ASSERT_TRUE(LandLatePut().ok());
  EXPECT_THAT(Jobs(), UnorderedElementsAre("third", "a", "b")) << "both are committed after all";
}

TEST_F(ADoubtfulEntryOfTwo, IsNotDeniedByAStoreThatTheNextLeaderCannotReach) {
  EXPECT_THAT(Run(ErrorKind::kUnavailable), ElementsAre("outcome_unknown", "outcome_unknown"));
  ASSERT_TRUE(LandLatePut().ok());
  EXPECT_THAT(Jobs(), UnorderedElementsAre("third", "a", "b"));
}

TEST_F(ADoubtfulEntryOfTwo, IsNotDeniedWhenTheNextLeaderIsCancelledBeforeItsPut) {
  EXPECT_THAT(Run(std::nullopt), ElementsAre("outcome_unknown", "outcome_unknown"));
  ASSERT_TRUE(LandLatePut().ok());
  EXPECT_THAT(Jobs(), UnorderedElementsAre("third", "a", "b"));
}

}  // namespace
}  // namespace sleeper::state
