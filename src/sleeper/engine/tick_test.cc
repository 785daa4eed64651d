#include "sleeper/engine/tick.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/registry_log.h"
#include "sleeper/store/folder_store.h"
#include "sleeper/store/testing/temporary_folder.h"

namespace sleeper::engine {
namespace {

using model::ValueOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TickTest : public testing::Test {
 protected:
  void CreateTable(const model::TableName& name, bool is_online) {
    const model::Schema schema = ValueOf(
        model::Schema::Make({.row_keys = {{"key", model::TypeKind::kLong, false}}, .sort_keys = {}, .values = {}}));
    ASSERT_TRUE(
        instance_->CreateTable({.name = name, .schema = schema, .properties = {}, .split_points_file = {}}, {}).ok());
    ASSERT_TRUE(instance_->SetOnline(name, is_online, {}).ok());
  }

  /// Somebody deletes the table, and dies as soon as that is decided.
  void HalfDrop(const model::TableName& name) {
    state::RegistryLog log(*store_, clock_, random_, executor_, state::LogLayout::ForRegistry(), {});
    const state::RegistryStatePtr registry = ValueOf(log.Refresh({}));
    const state::RegistryTransaction drop = state::BeginTableDrop{registry->Find(name)->id, name};
    ASSERT_TRUE(state::RegistryCommitter(log).Commit(drop, {}).ok());
  }

  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const state::RegisteredTable& table : ValueOf(instance_->Tables({}))) names.push_back(table.name.value());
    return names;
  }

  const store::TemporaryFolder folder_;
  const SystemClock clock_;
  SystemRandom random_;
  ThreadExecutor executor_{2, clock_};
  const std::unique_ptr<store::FolderStore> store_ =
      ValueOf(store::FolderStore::Open({.root = folder_.Inside("instance")}, clock_, random_));
  const std::unique_ptr<Instance> instance_ =
      ValueOf(Instance::Create(ValueOf(Location::Parse(folder_.Inside("instance"))), {}, {})).instance;
};

TEST_F(TickTest, OfATableByNameFinishesItsDropBeItOnlineOrNot) {
  const model::TableName table("flights");
  for (const bool is_online : {true, false}) {
    CreateTable(table, is_online);
    HalfDrop(table);
    const TickResult result = ValueOf(Tick(*instance_, {table}, {}));
    EXPECT_TRUE(result.failure.ok()) << result.failure.ToString();
    EXPECT_THAT(result.offline, IsEmpty());
    EXPECT_THAT(result.gone, ElementsAre("table flights was being deleted, and is gone now"));
    EXPECT_THAT(Names(), IsEmpty());
  }
}

TEST_F(TickTest, OfAllTablesFinishesEveryDropAndSaysNothingOfIt) {
  CreateTable(model::TableName("online"), true);
  CreateTable(model::TableName("offline"), false);
  CreateTable(model::TableName("other"), false);
  HalfDrop(model::TableName("online"));
  HalfDrop(model::TableName("offline"));
  const TickResult result = ValueOf(Tick(*instance_, {}, {}));
  EXPECT_TRUE(result.failure.ok()) << result.failure.ToString();
  EXPECT_THAT(result.gone, IsEmpty());
  EXPECT_THAT(Names(), ElementsAre("other"));
}

TEST_F(TickTest, LeavesATableThatIsOfflineAlone) {
  const model::TableName table("flights");
  CreateTable(table, false);
  const TickResult result = ValueOf(Tick(*instance_, {table}, {}));
  EXPECT_THAT(result.offline, ElementsAre(table));
  EXPECT_THAT(result.gone, IsEmpty());
  EXPECT_THAT(Names(), ElementsAre("flights"));
}

}  // namespace
}  // namespace sleeper::engine
