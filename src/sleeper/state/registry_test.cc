#include "sleeper/state/registry.h"

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/cancellation.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/registry_machine.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/testing/impatient_log.h"
#include "sleeper/state/testing/test_table.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"
#include "sleeper/store/testing/intercepting_store.h"

namespace sleeper::state {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Lets something happen once, just before a put below a prefix is made: after its process has looked and decided.
class HookedStore final : public store::InterceptingStore {
 public:
  explicit HookedStore(store::ObjectStore& inner) : InterceptingStore(inner) {}

  void BeforePutBelow(std::string prefix, std::function<void()> hook) {
    prefix_ = std::move(prefix);
    hook_ = std::move(hook);
  }

  bool is_armed() const { return hook_ != nullptr; }
  /// How many calls of the store there were.
  int calls() const { return calls_; }

 private:
  Status Before(const store::StoreCall& call) override {
    ++calls_;
    const bool is_put = call.function == store::StoreFunction::kPut;
    if (hook_ != nullptr && is_put && call.path.value().starts_with(prefix_)) std::exchange(hook_, nullptr)();
    return Status::OK();
  }

  std::string prefix_;
  std::function<void()> hook_;
  std::atomic<int> calls_ = 0;
};

class RegistryTest : public ::testing::Test {
 protected:
  NewTable Table(const std::string& name) { return {model::TableName(name), SampleDefinition(), {"m"}}; }

  std::string Create(const std::string& name) {
    const Result<RegisteredTable> table = registry_.CreateTable(Table(name), call_);
    return table.ok() ? "created" : std::string(ErrorKindName(KindOf(table.status())));
  }

  std::vector<std::string> Names() {
    Registry other(store_, clock_, random_, executor_);
    const Result<RegistryStatePtr> state = other.Refresh(call_);
    EXPECT_TRUE(state.ok()) << state.status().ToString();
    std::vector<std::string> names;
    for (const RegisteredTable& table : (*state)->Tables()) {
      names.push_back(table.name.value() + (table.online ? "" : " (offline)"));
    }
    return names;
  }

  Status Rename(Registry& registry, const std::string& from, const std::string& to) {
    return registry.RenameTable(model::TableName(from), model::TableName(to), call_);
  }

  Status Drop(Registry& registry, const std::string& name) { return registry.DropTable(model::TableName(name), call_); }

  model::TableId IdOf(const std::string& name) { return other_.FindTable(model::TableName(name), call_)->id; }

  /// From now on, no such call below `prefix` works for the first process.
  void Refuse(const std::string& prefix, store::StoreFunction function, ErrorKind kind = ErrorKind::kDenied) {
    store::FaultRule refused;
    refused.error = kind;
    refused.function = function;
    refused.path_prefix = prefix;
    refused.count = store::kEveryCall;
    faults_.AddRule(refused);
  }
  void RefusePutsBelow(const std::string& prefix) { Refuse(prefix, store::StoreFunction::kPut); }

  /// A table whose drop died as soon as it was decided.
  model::TableId CreateHalfDropped(const std::string& name) {
    const model::TableId id = registry_.CreateTable(Table(name), call_)->id;
    RefusePutsBelow("tables/");
    EXPECT_EQ(KindName(Drop(registry_, name)), "denied");
    faults_.ClearRules();
    EXPECT_TRUE((*other_.Refresh(call_))->IsBeingDropped(id));
    return id;
  }

  /// Somebody removes all objects below a prefix.
  void RemoveObjectsBelow(const std::string& prefix) {
    const auto page = store_.List(store::ObjectPath(prefix), store::ObjectPath(), 1'000, call_);
    for (const store::ObjectInfo& info : page->objects) ASSERT_TRUE(store_.Delete({&info.path, 1}, call_).ok());
  }

  void OverwriteFirstEntry(const model::TableId& id) {
    const store::ObjectPath path = LogLayout::ForTable(id).EntryPath(1);
    ASSERT_TRUE(store_.Delete({&path, 1}, call_).ok());
    ASSERT_TRUE(store_.Put(path, Buffer::FromString("rubbish"), store::PutMode::kIfAbsent, call_).ok());
  }

  std::string KindName(const Status& status) { return status.ok() ? "ok" : std::string(ErrorKindName(KindOf(status))); }

  TableStatePtr StateOf(const model::TableId& id) {
    TableLog log(store_, clock_, random_, executor_, LogLayout::ForTable(id), {});
    return *log.Refresh(call_);
  }

  SystemClock clock_;
  SeededRandom random_{1};
  ThreadExecutor executor_{2, clock_};
  CallContext call_;
  store::MemoryStore store_{clock_};
  store::FaultyStore faults_{store_};
  HookedStore hooks_{faults_};
  Registry registry_{hooks_, clock_, random_, executor_};
  /// Another process.
  Registry other_{store_, clock_, random_, executor_};
};

TEST_F(RegistryTest, AnInstanceHasNoTablesAtFirst) { EXPECT_THAT(Names(), IsEmpty()); }

TEST_F(RegistryTest, ACreatedTableHasALogOfItsOwn) {
  const Result<RegisteredTable> table = registry_.CreateTable(Table("flights"), call_);
  ASSERT_TRUE(table.ok()) << table.status().ToString();
  EXPECT_THAT(Names(), ElementsAre("flights"));
  EXPECT_EQ(registry_.FindTable(model::TableName("flights"), call_)->id, table->id);
  const TableStatePtr state = StateOf(table->id);
  EXPECT_TRUE(state->exists());
  EXPECT_EQ(state->partitions().size(), 2);
}

TEST_F(RegistryTest, NamesAreUniqueAndPlain) {
  EXPECT_EQ(Create("flights"), "created");
  EXPECT_EQ(Create("flights"), "conflict");
  EXPECT_EQ(Create("Flights.2001_a-b"), "created");
  for (const std::string name : {"", ".flights", "a b", "a/b", "ä"}) EXPECT_EQ(Create(name), "invalid") << name;
  EXPECT_EQ(Create(std::string(201, 'a')), "invalid");
  EXPECT_EQ(registry_.FindTable(model::TableName("none"), call_).status().ok(), false);
}

TEST_F(RegistryTest, RenamesAndSwitches) {
  Create("a");
  Create("b");
  EXPECT_EQ(KindName(registry_.RenameTable(model::TableName("a"), model::TableName("b"), call_)), "conflict");
  EXPECT_EQ(KindName(registry_.RenameTable(model::TableName("x"), model::TableName("y"), call_)), "not_found");
  EXPECT_EQ(KindName(registry_.RenameTable(model::TableName("a"), model::TableName("/"), call_)), "invalid");
  EXPECT_EQ(KindName(registry_.RenameTable(model::TableName("a"), model::TableName("c"), call_)), "ok");
  EXPECT_EQ(KindName(registry_.SetOnline(model::TableName("c"), false, call_)), "ok");
  EXPECT_EQ(KindName(registry_.SetOnline(model::TableName("c"), false, call_)), "ok") << "already done";
  EXPECT_THAT(Names(), ElementsAre("b", "c (offline)"));
}

TEST_F(RegistryTest, ADroppedTableIsGoneForEverAndItsNameIsFree) {
  const model::TableId id = registry_.CreateTable(Table("a"), call_)->id;
  EXPECT_EQ(KindName(registry_.DropTable(model::TableName("a"), call_)), "ok");
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_TRUE(StateOf(id)->dropped());
  EXPECT_TRUE((*registry_.Refresh(call_))->IsGone(id));
  EXPECT_EQ(Create("a"), "created");
  EXPECT_NE(registry_.FindTable(model::TableName("a"), call_)->id, id);
  EXPECT_EQ(KindName(registry_.DropTable(model::TableName("x"), call_)), "not_found");
}

TEST_F(RegistryTest, ADropThatWasCutShortIsFinishedByWhoeverMeetsIt) {
  const model::TableId id = registry_.CreateTable(Table("a"), call_)->id;
  hooks_.BeforePutBelow("tables/", [&] { RefusePutsBelow("registry/"); });
  EXPECT_EQ(KindName(registry_.DropTable(model::TableName("a"), call_)), "denied");
  faults_.ClearRules();
  EXPECT_TRUE(StateOf(id)->dropped());
  EXPECT_THAT(Names(), ElementsAre("a"));
  EXPECT_EQ(KindName(registry_.DropTable(model::TableName("a"), call_)), "ok") << "doing it again finishes it";
  EXPECT_EQ(KindName(registry_.FinishDrop(id, call_)), "ok");
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(RegistryTest, ADropDoesNotTakeATableThatWasRenamedMeanwhile) {
  const model::TableId id = registry_.CreateTable(Table("flights"), call_)->id;
  hooks_.BeforePutBelow("", [&] {
    ASSERT_TRUE(Rename(other_, "flights", "keep").ok());
    ASSERT_TRUE(other_.CreateTable(Table("flights"), call_).ok());
  });
  const Status dropped = Drop(registry_, "flights");
  EXPECT_FALSE(hooks_.is_armed());
  EXPECT_EQ(KindName(dropped), "conflict");
  EXPECT_THAT(dropped.ToString(), HasSubstr("table flights was renamed to keep meanwhile"));
  EXPECT_THAT(Names(), ElementsAre("flights", "keep"));
  EXPECT_EQ(IdOf("keep"), id);
  EXPECT_TRUE(StateOf(id)->exists());
  EXPECT_TRUE(StateOf(IdOf("flights"))->exists());
}

TEST_F(RegistryTest, ARenameDoesNotUndoAnotherThatCameFirst) {
  Create("a");
  hooks_.BeforePutBelow("registry/", [&] { ASSERT_TRUE(Rename(other_, "a", "c").ok()); });
  const Status renamed = Rename(registry_, "a", "b");
  EXPECT_FALSE(hooks_.is_armed());
  EXPECT_EQ(KindName(renamed), "conflict");
  EXPECT_THAT(renamed.ToString(), HasSubstr("table a was renamed to c meanwhile"));
  EXPECT_THAT(Names(), ElementsAre("c"));
}

TEST_F(RegistryTest, OfTwoEqualRenamesOneIsDone) {
  Create("a");
  hooks_.BeforePutBelow("registry/", [&] { ASSERT_TRUE(Rename(other_, "a", "b").ok()); });
  EXPECT_EQ(KindName(Rename(registry_, "a", "b")), "conflict");
  EXPECT_THAT(Names(), ElementsAre("b"));
  EXPECT_EQ(KindName(Rename(registry_, "b", "b")), "ok") << "it is called that";
}

TEST_F(RegistryTest, OfTwoDropsTheOneThatComesTooLateTouchesNoNewTableOfTheName) {
  Create("a");
  hooks_.BeforePutBelow("", [&] {
    ASSERT_TRUE(Drop(other_, "a").ok());
    ASSERT_TRUE(other_.CreateTable(Table("a"), call_).ok());
  });
  const Status dropped = Drop(registry_, "a");
  EXPECT_FALSE(hooks_.is_armed());
  EXPECT_EQ(KindName(dropped), "not_found");
  EXPECT_THAT(dropped.ToString(), HasSubstr("table a was deleted meanwhile"));
  EXPECT_THAT(Names(), ElementsAre("a"));
  EXPECT_TRUE(StateOf(IdOf("a"))->exists());
}

TEST_F(RegistryTest, ADropThatAnotherFinishesIsDone) {
  const model::TableId id = registry_.CreateTable(Table("a"), call_)->id;
  hooks_.BeforePutBelow("tables/", [&] { ASSERT_TRUE(Drop(other_, "a").ok()); });
  EXPECT_EQ(KindName(Drop(registry_, "a")), "ok");
  EXPECT_FALSE(hooks_.is_armed());
  EXPECT_TRUE(StateOf(id)->dropped());
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(RegistryTest, ADropDoesNotTakeATableThatWasRenamedToAndFro) {
  const model::TableId id = registry_.CreateTable(Table("a"), call_)->id;
  hooks_.BeforePutBelow("", [&] {
    ASSERT_TRUE(Rename(other_, "a", "b").ok());
    ASSERT_TRUE(other_.CreateTable(Table("a"), call_).ok());
    ASSERT_TRUE(Rename(other_, "a", "c").ok());
    ASSERT_TRUE(Rename(other_, "b", "a").ok());
  });
  EXPECT_EQ(KindName(Drop(registry_, "a")), "ok") << "the table that was looked up has the name again";
  EXPECT_THAT(Names(), ElementsAre("c"));
  EXPECT_TRUE(StateOf(id)->dropped());
}

TEST_F(RegistryTest, ATableWhoseDropHasBegunKeepsItsName) {
  const model::TableId id = registry_.CreateTable(Table("a"), call_)->id;
  hooks_.BeforePutBelow("tables/", [&] {
    EXPECT_TRUE((*other_.Refresh(call_))->IsBeingDropped(id));
    EXPECT_EQ(KindName(Rename(other_, "a", "b")), "not_found");
    EXPECT_TRUE(StateOf(id)->dropped()) << "whoever meets it finishes the drop";
    EXPECT_THAT(Names(), IsEmpty());
  });
  EXPECT_EQ(KindName(Drop(registry_, "a")), "ok");
  EXPECT_FALSE(hooks_.is_armed());
}

TEST_F(RegistryTest, ADropThatDiedBeforeTheLogEndedIsFinishedByWhoeverLooksTheTableUp) {
  const std::function<Status()> lookers[] = {
      [&] { return other_.FindTable(model::TableName("a"), call_).status(); },
      [&] { return other_.SetOnline(model::TableName("a"), false, call_); },
      [&] { return Rename(other_, "a", "b"); },
      [&] { return Drop(other_, "a"); },
      [&] { return other_.CreateTable(Table("a"), call_).status(); },
  };
  const std::string answers[] = {"not_found", "not_found", "not_found", "ok", "ok"};
  for (size_t i = 0; i < std::size(lookers); ++i) {
    SCOPED_TRACE(i);
    const model::TableId id = registry_.CreateTable(Table("a"), call_)->id;
    RefusePutsBelow("tables/");
    const Status dropped = Drop(registry_, "a");
    faults_.ClearRules();
    EXPECT_EQ(KindName(dropped), "denied");
    EXPECT_THAT(dropped.ToString(), HasSubstr("table a is being deleted, but its rows may still be there"));
    EXPECT_THAT(Names(), ElementsAre("a"));
    EXPECT_TRUE(StateOf(id)->exists());
    EXPECT_EQ(KindName(lookers[i]()), answers[i]);
    EXPECT_TRUE(StateOf(id)->dropped());
    EXPECT_TRUE((*other_.Refresh(call_))->IsGone(id));
    EXPECT_FALSE((*other_.Refresh(call_))->IsBeingDropped(id));
  }
}

TEST_F(RegistryTest, ATableWhoseObjectsWereRemovedCanBeDropped) {
  const model::TableId id = registry_.CreateTable(Table("a"), call_)->id;
  RemoveObjectsBelow("tables/");
  const Status dropped = Drop(other_, "a");
  EXPECT_TRUE(dropped.ok()) << dropped.ToString();
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_TRUE((*registry_.Refresh(call_))->IsGone(id));
  EXPECT_EQ(Create("a"), "created");
}

TEST_F(RegistryTest, AHalfDroppedTableWhoseObjectsWereRemovedIsFinished) {
  CreateHalfDropped("a");
  RemoveObjectsBelow("tables/");
  EXPECT_EQ(KindName(other_.FindTable(model::TableName("a"), call_).status()), "not_found");
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(RegistryTest, AHalfDroppedTableWhoseLogIsDamagedIsFinishedOnceItsObjectsAreRemoved) {
  const model::TableId id = CreateHalfDropped("a");
  OverwriteFirstEntry(id);
  ASSERT_TRUE(other_.Refresh(call_).ok());
  for (const Status& status : {other_.FinishDrop(id, call_), Drop(other_, "a")}) {
    EXPECT_EQ(KindName(status), "corrupt");
    EXPECT_THAT(HintOf(status), HasSubstr("remove what there is below tables/" + id.value() + "/"));
  }
  EXPECT_EQ(KindName(other_.FindTable(model::TableName("a"), call_).status()), "not_found");
  EXPECT_THAT(Names(), ElementsAre("a"));
  RemoveObjectsBelow("tables/");
  EXPECT_EQ(KindName(other_.FinishDrop(id, call_)), "ok");
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(RegistryTest, ADropWhoseLogCannotBeReadIsNotDecided) {
  const model::TableId id = registry_.CreateTable(Table("a"), call_)->id;
  for (const ErrorKind kind : {ErrorKind::kCorrupt, ErrorKind::kDenied}) {
    SCOPED_TRACE(ErrorKindName(kind));
    if (kind == ErrorKind::kCorrupt) OverwriteFirstEntry(id);
    if (kind == ErrorKind::kDenied) Refuse("tables/", store::StoreFunction::kList);
    Registry fresh(hooks_, clock_, random_, executor_);
    const Status dropped = Drop(fresh, "a");
    EXPECT_EQ(KindName(dropped), ErrorKindName(kind));
    EXPECT_THAT(dropped.ToString(), HasSubstr("table a cannot be deleted, and nothing was done"));
    if (kind == ErrorKind::kCorrupt) {
      EXPECT_THAT(HintOf(dropped), HasSubstr("tables/" + id.value() + "/, and then"));
    }
    EXPECT_FALSE((*other_.Refresh(call_))->IsBeingDropped(id));
  }
  EXPECT_EQ(KindName(Rename(other_, "a", "b")), "ok") << "it is a table like others";
  EXPECT_THAT(Names(), ElementsAre("b"));
}

TEST_F(RegistryTest, ADropReadsEachLogOnce) {
  Create("a");
  Registry fresh(hooks_, clock_, random_, executor_);
  const int before = hooks_.calls();
  EXPECT_TRUE(Drop(fresh, "a").ok());
  EXPECT_EQ(hooks_.calls() - before, 12) << "to open two logs three each, and to commit three entries two each";
}

TEST_F(RegistryTest, ARenameToANameThatAHalfDroppedTableKeepsFinishesTheDrop) {
  const model::TableId id = CreateHalfDropped("flights");
  Create("a");
  const Status renamed = Rename(other_, "a", "flights");
  EXPECT_TRUE(renamed.ok()) << renamed.ToString();
  EXPECT_THAT(Names(), ElementsAre("flights"));
  EXPECT_TRUE(StateOf(id)->dropped());
  CreateHalfDropped("b");
  EXPECT_EQ(KindName(Rename(other_, "none", "b")), "not_found");
  EXPECT_THAT(Names(), ElementsAre("b", "flights")) << "nobody needed the name";
}

TEST_F(RegistryTest, WhoeverMayOnlyReadIsToldThatATableIsBeingDeleted) {
  const model::TableId id = CreateHalfDropped("a");
  Create("b");
  RefusePutsBelow("");
  for (const Status& status : {registry_.FindTable(model::TableName("a"), call_).status(),
                               registry_.SetOnline(model::TableName("a"), false, call_), Rename(registry_, "a", "c")}) {
    EXPECT_EQ(KindName(status), "not_found");
    EXPECT_THAT(status.ToString(), HasSubstr("table a is being deleted"));
  }
  // Whoever needs the name is told why it is not free.
  for (const Status& status : {registry_.CreateTable(Table("a"), call_).status(), Rename(registry_, "b", "a"),
                               registry_.FinishDrop(id, call_)}) {
    EXPECT_EQ(KindName(status), "denied");
    EXPECT_THAT(status.ToString(), HasSubstr("table a is still being deleted"));
  }
  EXPECT_THAT(Names(), ElementsAre("a", "b"));
}

TEST_F(RegistryTest, ADropSaysThatItIsNotKnownWhetherItIsDecided) {
  Create("a");
  LogOptions impatient = ImpatientLog();
  impatient.resolve_attempts_max = 2;
  Registry registry(hooks_, clock_, random_, executor_, impatient);
  hooks_.BeforePutBelow("registry/", [&] {
    Refuse("registry/", store::StoreFunction::kPut, ErrorKind::kOutcomeUnknown);
    Refuse("registry/", store::StoreFunction::kGet, ErrorKind::kUnavailable);
  });
  const Status dropped = Drop(registry, "a");
  EXPECT_EQ(KindName(dropped), "outcome_unknown");
  EXPECT_THAT(dropped.ToString(), HasSubstr("it is not known whether table a is being deleted"));
  EXPECT_THAT(HintOf(dropped), HasSubstr("sleeper table list"));
  EXPECT_THAT(HintOf(dropped), Not(HasSubstr("job")));
}

TEST_F(RegistryTest, WhatIsNotKnownOfOtherChangesSaysWhereToLookAndNothingOfJobs) {
  LogOptions impatient = ImpatientLog();
  impatient.resolve_attempts_max = 2;
  const auto lose_answers_below = [&](const std::string& prefix) {
    hooks_.BeforePutBelow(prefix, [&, prefix] {
      Refuse(prefix, store::StoreFunction::kPut, ErrorKind::kOutcomeUnknown);
      Refuse(prefix, store::StoreFunction::kGet, ErrorKind::kUnavailable);
    });
    return Registry(hooks_, clock_, random_, executor_, impatient);
  };
  const Status set = lose_answers_below("registry/").SetProperties({{{"gc.delay.minutes", "5"}}, {}}, call_).status();
  EXPECT_EQ(KindName(set), "outcome_unknown");
  EXPECT_THAT(HintOf(set), HasSubstr("sleeper instance describe"));
  faults_.ClearRules();

  const Status registered = lose_answers_below("registry/").CreateTable(Table("a"), call_).status();
  EXPECT_EQ(KindName(registered), "outcome_unknown");
  EXPECT_THAT(HintOf(registered), HasSubstr("sleeper table list"));
  faults_.ClearRules();

  const Status defined = lose_answers_below("tables/").CreateTable(Table("b"), call_).status();
  EXPECT_EQ(KindName(defined), "unavailable") << "it has no name, so it is not there";
  EXPECT_THAT(HintOf(defined), HasSubstr("create it again"));
  for (const Status& status : {set, registered, defined}) EXPECT_THAT(HintOf(status), Not(HasSubstr("job")));
}

TEST_F(RegistryTest, ADropThatIsCancelledOnTheWaySaysHowFarItIs) {
  const std::pair<std::string, std::string> cases[] = {
      {"registry/", "it is not known whether table a is being deleted"},
      {"tables/", "table a is being deleted, but its rows may still be there"}};
  for (const auto& [prefix, answer] : cases) {
    Cancellation cancellation;
    CallContext call;
    call.cancellation = &cancellation;
    Create("a");
    hooks_.BeforePutBelow(prefix, [&] { cancellation.Cancel(); });
    const Status dropped = registry_.DropTable(model::TableName("a"), call);
    EXPECT_FALSE(hooks_.is_armed());
    EXPECT_EQ(KindName(dropped), "outcome_unknown") << "its put had gone out";
    EXPECT_THAT(dropped.ToString(), HasSubstr(answer));
    EXPECT_EQ(KindName(Drop(other_, "a")), "ok");
  }
}

TEST_F(RegistryTest, NobodyIsToldToDropATableAgainWhoseNameMayBeAnothers) {
  for (const std::string prefix : {"tables/", "registry/"}) {
    Create("a");
    hooks_.BeforePutBelow("tables/", [&] { RefusePutsBelow(prefix); });
    const Status dropped = Drop(registry_, "a");
    faults_.ClearRules();
    EXPECT_EQ(KindName(dropped), "denied");
    EXPECT_THAT(HintOf(dropped), HasSubstr("sleeper status a"));
    EXPECT_THAT(HintOf(dropped), Not(HasSubstr("again")));
    EXPECT_EQ(KindName(other_.FindTable(model::TableName("a"), call_).status()), "not_found");
    EXPECT_THAT(Names(), IsEmpty());
  }
}

TEST_F(RegistryTest, ATableThatWasNotRegisteredCanBeBarred) {
  RefusePutsBelow("registry/");
  EXPECT_EQ(Create("a"), "denied");
  faults_.ClearRules();
  EXPECT_THAT(Names(), IsEmpty());
  const auto left = store_.List(store::ObjectPath("tables/"), store::ObjectPath(), 10, call_);
  ASSERT_EQ(left->objects.size(), 1U) << "its first entry";
  const model::TableId id(left->objects[0].path.value().substr(7, 16));
  EXPECT_EQ(KindName(registry_.BarTable(id, call_)), "ok");
  EXPECT_EQ(KindName(registry_.BarTable(id, call_)), "ok");
  EXPECT_TRUE((*registry_.Refresh(call_))->IsGone(id));
  EXPECT_EQ(Create("a"), "created");
  const model::TableId registered = registry_.FindTable(model::TableName("a"), call_)->id;
  EXPECT_EQ(KindName(registry_.BarTable(registered, call_)), "conflict");
}

TEST_F(RegistryTest, HoldsThePropertiesOfTheInstance) {
  const auto set = [&](model::PropertyMap properties, std::vector<std::string> unset = {}) {
    return KindName(registry_.SetProperties({std::move(properties), std::move(unset)}, call_).status());
  };
  EXPECT_EQ(set({{"gc.delay.minutes", "5"}}), "ok");
  EXPECT_EQ(set({{"job.attempts.max", "9"}}), "ok");
  EXPECT_EQ(set({{"no.such.property", "9"}}), "invalid");
  EXPECT_EQ(set({}, {"gc.delay.minutes"}), "ok");
  EXPECT_THAT((*registry_.Refresh(call_))->properties(), ElementsAre(std::pair("job.attempts.max", "9")));
}

TEST_F(RegistryTest, SurvivesSnapshotAndTruncation) {
  const LogUpkeep upkeep{.snapshot_every = 1, .entries_kept = 2, .truncate_behind = 1};
  Registry registry(store_, clock_, random_, executor_);
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(registry.CreateTable(Table("t" + std::to_string(i)), call_).ok());
    ASSERT_TRUE(registry.Maintain(upkeep, call_).ok());
  }
  ASSERT_TRUE(registry.DropTable(model::TableName("t3"), call_).ok());
  EXPECT_THAT(Names(), ElementsAre("t0", "t1", "t2", "t4", "t5"));
  const auto entries = store_.List(store::ObjectPath("registry/log/"), store::ObjectPath(), 100, call_);
  EXPECT_LE(entries->objects.size(), 4U) << "two that are kept, and two of the drop";
}

TEST(RegistryMachineTest, TransactionsHaveTheirRules) {
  RegistryStatePtr state = RegistryState::Empty();
  const auto apply = [&](const RegistryTransaction& transaction) {
    RegistryTransition transition = RegistryMachine::Apply(state, transaction, state->number() + 1);
    state = transition.state;
    if (transition.outcome.refused()) return std::string(ErrorKindName(KindOf(transition.outcome.refusal)));
    return std::string(transition.outcome.applied() ? "applied" : "already done");
  };
  const model::TableId one("0000000000000001");
  const model::TableId two("0000000000000002");
  EXPECT_EQ(apply(RegisterTable{one, model::TableName("a")}), "applied");
  EXPECT_EQ(apply(RegisterTable{one, model::TableName("a")}), "already done");
  EXPECT_EQ(apply(RegisterTable{one, model::TableName("b")}), "conflict");
  EXPECT_EQ(apply(RegisterTable{two, model::TableName("a")}), "conflict");
  EXPECT_EQ(apply(RegisterTable{model::TableId("x"), model::TableName("x")}), "invalid");
  EXPECT_EQ(apply(BarTable{two}), "applied");
  EXPECT_EQ(apply(BarTable{two}), "already done");
  EXPECT_EQ(apply(RegisterTable{two, model::TableName("b")}), "conflict");
  EXPECT_EQ(apply(RenameTable{two, model::TableName("b")}), "not_found");
  EXPECT_EQ(apply(SetTableOnline{two, false}), "not_found");
  EXPECT_EQ(apply(UnregisterTable{model::TableId("0000000000000003")}), "not_found");
  const model::TableName a("a");
  const model::TableName b("b");
  EXPECT_EQ(apply(RenameTable{one, b}), "applied") << "in logs of earlier versions";
  EXPECT_EQ(apply(RenameTableFrom{one, a, a}), "conflict") << "it is called b";
  EXPECT_EQ(apply(RenameTableFrom{one, a, b}), "conflict") << "it was another who called it that";
  EXPECT_EQ(apply(RenameTableFrom{one, b, b}), "already done");
  EXPECT_EQ(apply(RenameTableFrom{one, b, model::TableName("/")}), "invalid");
  EXPECT_EQ(apply(RenameTableFrom{two, b, a}), "not_found");
  EXPECT_EQ(apply(RenameTableFrom{one, b, a}), "applied");
  const MapDigest before_the_drop = state->digest();
  EXPECT_EQ(apply(BeginTableDrop{two, a}), "not_found");
  EXPECT_EQ(apply(BeginTableDrop{one, b}), "conflict");
  EXPECT_EQ(RegistryMachine::Dump(*state).version, 1U);
  EXPECT_EQ(apply(BeginTableDrop{one, a}), "applied");
  EXPECT_EQ(apply(BeginTableDrop{one, a}), "already done");
  EXPECT_EQ(apply(BeginTableDrop{one, b}), "conflict");
  EXPECT_EQ(apply(RenameTableFrom{one, a, b}), "conflict");
  EXPECT_EQ(apply(RenameTable{one, b}), "conflict");
  EXPECT_EQ(apply(RegisterTable{model::TableId("0000000000000004"), a}), "conflict") << "it keeps its name";
  EXPECT_NE(state->digest(), before_the_drop);
  EXPECT_THAT(state->TablesBeingDropped(), ElementsAre(one));
  const SnapshotContents dumped = RegistryMachine::Dump(*state);
  EXPECT_EQ(dumped.version, 2U);
  const Result<RegistryStatePtr> with_drop = RegistryMachine::Load(state->number(), dumped);
  ASSERT_TRUE(with_drop.ok()) << with_drop.status().ToString();
  EXPECT_EQ((*with_drop)->digest(), state->digest());
  EXPECT_TRUE((*with_drop)->IsBeingDropped(one));
  EXPECT_EQ(apply(UnregisterTable{one}), "applied");
  EXPECT_EQ(apply(UnregisterTable{one}), "already done");
  EXPECT_THAT(state->TablesBeingDropped(), IsEmpty());
  EXPECT_EQ(apply(BeginTableDrop{one, a}), "not_found") << "deleted meanwhile";
  EXPECT_EQ(apply(RenameTableFrom{one, a, b}), "not_found");
  EXPECT_EQ(apply(SetInstanceProperties{{{"a", "b"}}, 1}), "conflict");
  EXPECT_EQ(apply(SetInstanceProperties{{{"a", "b"}}, 0}), "applied");
  EXPECT_EQ(apply(SetInstanceProperties{{{"a", "b"}}, 1}), "already done");
  EXPECT_THAT(state->GoneTables(), ElementsAre(one, two));
  const Result<RegistryStatePtr> loaded = RegistryMachine::Load(state->number(), RegistryMachine::Dump(*state));
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ((*loaded)->digest(), state->digest());
}

/// A registry of two tables, of which the first is being dropped.
SnapshotContents TwoTables() {
  RegistryStatePtr state = RegistryState::Empty();
  const auto apply = [&](const RegistryTransaction& transaction) {
    const RegistryTransition transition = RegistryMachine::Apply(state, transaction, state->number() + 1);
    EXPECT_TRUE(transition.outcome.applied());
    state = transition.state;
  };
  apply(RegisterTable{model::TableId("0000000000000001"), model::TableName("a")});
  apply(RegisterTable{model::TableId("0000000000000002"), model::TableName("b")});
  apply(BeginTableDrop{model::TableId("0000000000000001"), model::TableName("a")});
  return RegistryMachine::Dump(*state);
}

std::string LoadingOf(const SnapshotContents& contents) {
  const Status status = RegistryMachine::Load(3, contents).status();
  return status.ok() ? "ok" : std::string(ErrorKindName(KindOf(status)));
}

TEST(RegistryMachineTest, RefusesSectionsWhoseKeysHaveSuffixes) {
  ASSERT_EQ(LoadingOf(TwoTables()), "ok");
  for (size_t section = 0; section < 4; ++section) {
    SnapshotContents contents = TwoTables();
    contents.sections[section].map = PersistentMap(4);
    EXPECT_EQ(LoadingOf(contents), "corrupt") << section;
  }
}

TEST(RegistryMachineTest, RefusesNamesAndTablesThatDoNotAgree) {
  const MapKey third{"0000000000000003"};
  SnapshotContents contents = TwoTables();
  MapEdit names(contents.sections[1].map);
  // A second id with the name of a table that has another one.
  names.Put(third, "b");
  contents.sections[1].map = names.Finish();
  EXPECT_EQ(LoadingOf(contents), "corrupt");
  MapEdit doomed(contents.sections[3].map);
  doomed.Put(third, {});
  contents.sections[3].map = doomed.Finish();
  EXPECT_EQ(LoadingOf(contents), "corrupt") << "its drop would take the table of the other";
  contents = TwoTables();
  contents.sections[3].map = doomed.Finish();
  EXPECT_EQ(LoadingOf(contents), "corrupt") << "no table has the id";
}

}  // namespace
}  // namespace sleeper::state
