#include "sleeper/state/table_machine.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/state/packed_file_id.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::state {
namespace {

/// A state with a file, one that has no references any more, an ingest under way, and a job that has ended. Sections of
/// its snapshot can be changed: docs/formats/snapshot.md says which is which.
class LoadedState : public ::testing::Test {
 protected:
  static constexpr uint32_t kUnreferenced = 8;
  static constexpr uint32_t kOutcomesByEnd = 9;
  static constexpr uint32_t kJobsByBirth = 10;
  static constexpr uint32_t kPartitionsByReferences = 11;

  LoadedState() {
    table_.Add({table_.File("a1", {"b", "k"}, 100)});
    const UnfinishedJob compaction = table_.Compaction("job-1", "b");
    table_.Do(AssignJobs{{compaction}});
    table_.Do(table_.Compacted(compaction, "a2"));
    UnfinishedJob ingest;
    ingest.id = model::JobId("job-2");
    ingest.kind = JobKind::kIngest;
    ingest.spec_hash = SpecHash("0123");
    ingest.shape_hash = table_.state().shape_hash();
    ingest.earliest_birth = 1;
    table_.Do(RegisterJobs{{ingest}});
    contents_ = TableMachine::Dump(table_.state());
  }

  PersistentMap& Section(uint32_t id) {
    for (SnapshotSection& section : contents_.sections) {
      if (section.id == id) return section.map;
    }
    SLEEPER_CHECK(false, "no section ", id);
    return contents_.sections.front().map;
  }

  void Put(uint32_t section, std::string_view key, std::string_view value) {
    MapEdit edit(Section(section));
    edit.Put({key}, value);
    Section(section) = edit.Finish();
  }

  void Erase(uint32_t section, std::string_view key) {
    MapEdit edit(Section(section));
    edit.Erase({key});
    Section(section) = edit.Finish();
  }

  /// "loaded", or the kind of the failure.
  std::string Load() const {
    const Result<TableStatePtr> state = TableMachine::Load(table_.state().number(), contents_);
    return state.ok() ? "loaded" : std::string(ErrorKindName(KindOf(state.status())));
  }

  TestTable table_;
  SnapshotContents contents_;
};

TEST_F(LoadedState, IsTheOneThatWasDumped) {
  const Result<TableStatePtr> state = TableMachine::Load(table_.state().number(), contents_);
  ASSERT_TRUE(state.ok()) << state.status().ToString();
  EXPECT_EQ((*state)->digest(), table_.state().digest());
  EXPECT_EQ(FindBrokenLaw(**state), "");
  EXPECT_EQ((*state)->totals().unreferenced_files, 1);
  EXPECT_EQ((*state)->remembered_jobs(), 1);
}

TEST_F(LoadedState, MustListTheJobsThatHaveEnded) {
  const std::string key(Section(kOutcomesByEnd).Begin().key().head);
  Erase(kOutcomesByEnd, key);
  EXPECT_EQ(Load(), "corrupt");
  Put(kOutcomesByEnd, key, "");
  EXPECT_EQ(Load(), "loaded");
  Put(kOutcomesByEnd, NumberKey(1) + "job-of-nobody", "");
  EXPECT_EQ(Load(), "corrupt");
  Erase(kOutcomesByEnd, key);
  EXPECT_EQ(Load(), "corrupt");
}

TEST_F(LoadedState, MustListTheUnfinishedJobsByTheirBirth) {
  const std::string key(Section(kJobsByBirth).Begin().key().head);
  Erase(kJobsByBirth, key);
  EXPECT_EQ(Load(), "corrupt");
  Put(kJobsByBirth, NumberKey(2) + "job-2", "");
  EXPECT_EQ(Load(), "corrupt") << "the job holds the sweep floor below 1, not below 2";
}

TEST_F(LoadedState, MustListTheFilesWithoutReferences) {
  const std::string key(Section(kUnreferenced).Begin().key().head);
  const std::string min(Section(kUnreferenced).Begin().value());
  Erase(kUnreferenced, key);
  EXPECT_EQ(Load(), "corrupt");
  Put(kUnreferenced, key, "another least key");
  EXPECT_EQ(Load(), "corrupt");
  Put(kUnreferenced, key, min);
  EXPECT_EQ(Load(), "loaded");
}

TEST_F(LoadedState, MustCountItsReferences) {
  Put(kPartitionsByReferences, NumberKey(1), NumberKey(2));
  EXPECT_EQ(Load(), "corrupt") << "there is one partition with one reference";
  Put(kPartitionsByReferences, NumberKey(1), NumberKey(1));
  EXPECT_EQ(Load(), "loaded");
  Put(kPartitionsByReferences, NumberKey(~uint64_t{0}), NumberKey(2));
  EXPECT_EQ(Load(), "corrupt");
}

}  // namespace
}  // namespace sleeper::state
