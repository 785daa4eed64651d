#include "sleeper/state/registry.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/state/layout.h"
#include "sleeper/state/registry_machine.h"
#include "sleeper/state/table_log.h"
#include "sleeper/state/testing/test_table.h"
#include "sleeper/store/memory_store.h"
#include "sleeper/store/testing/faulty_store.h"

namespace sleeper::state {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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
  Registry registry_{faults_, clock_, random_, executor_};
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
  store::FaultRule dies;
  dies.error = ErrorKind::kDenied;
  dies.function = store::StoreFunction::kPut;
  dies.path_prefix = "registry/";
  dies.count = store::kEveryCall;
  faults_.AddRule(dies);
  EXPECT_EQ(KindName(registry_.DropTable(model::TableName("a"), call_)), "denied");
  faults_.ClearRules();
  EXPECT_TRUE(StateOf(id)->dropped());
  EXPECT_THAT(Names(), ElementsAre("a"));
  EXPECT_EQ(KindName(registry_.DropTable(model::TableName("a"), call_)), "ok") << "doing it again finishes it";
  EXPECT_EQ(KindName(registry_.FinishDrop(id, call_)), "ok");
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(RegistryTest, ATableThatWasNotRegisteredCanBeBarred) {
  store::FaultRule dies;
  dies.error = ErrorKind::kDenied;
  dies.function = store::StoreFunction::kPut;
  dies.path_prefix = "registry/";
  dies.count = store::kEveryCall;
  faults_.AddRule(dies);
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
  EXPECT_LE(entries->objects.size(), 3U);
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
  EXPECT_EQ(apply(UnregisterTable{one}), "applied");
  EXPECT_EQ(apply(UnregisterTable{one}), "already done");
  EXPECT_EQ(apply(SetInstanceProperties{{{"a", "b"}}, 1}), "conflict");
  EXPECT_EQ(apply(SetInstanceProperties{{{"a", "b"}}, 0}), "applied");
  EXPECT_EQ(apply(SetInstanceProperties{{{"a", "b"}}, 1}), "already done");
  EXPECT_THAT(state->GoneTables(), ElementsAre(one, two));
  const Result<RegistryStatePtr> loaded = RegistryMachine::Load(state->number(), RegistryMachine::Dump(*state));
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ((*loaded)->digest(), state->digest());
}

}  // namespace
}  // namespace sleeper::state
