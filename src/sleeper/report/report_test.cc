#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sleeper/model/key_codec.h"
#include "sleeper/report/key_json.h"
#include "sleeper/report/log_json.h"
#include "sleeper/report/partition_rows.h"
#include "sleeper/report/state_json.h"
#include "sleeper/report/table_status.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::report {
namespace {

using nlohmann::ordered_json;

model::NormalisedKey Encoded(const std::string& text) { return model::EncodeKey(std::vector<model::KeyValue>{text}); }

/// Two partitions, cut at "m"; file "a" with rows in both, file "b" in the second only.
state::TestTable TwoPartitions() {
  state::TestTable table({Encoded("m")});
  table.Add(
      {table.File("a", {Encoded("c"), Encoded("x")}, {{{"", Encoded("m")}, 30}, {{Encoded("m"), std::nullopt}, 70}}),
       table.File("b", {Encoded("n"), Encoded("p")}, {{{Encoded("m"), std::nullopt}, 5}})});
  return table;
}

/// One partition with the files "a" and "b".
state::TestTable OnePartition() {
  state::TestTable table;
  table.Add({table.File("a", {Encoded("c"), Encoded("x")}, 100), table.File("b", {Encoded("n"), Encoded("p")}, 5)});
  return table;
}

const state::RegisteredTable kRegistered = {.id = model::TableId("0123456789abcdef"), .name = model::TableName("t")};

TEST(TableStatus, HasTheMembersThatScriptsRead) {
  const state::TestTable table = TwoPartitions();
  const ordered_json json = StatusJson(StatusOf(kRegistered, table.state()));
  EXPECT_EQ(json["table"], "t");
  EXPECT_EQ(json["tableId"], "0123456789abcdef");
  EXPECT_EQ(json["rows"], 105);
  EXPECT_EQ(json["rowsExact"], true);
  EXPECT_EQ(json["files"], 2);
  EXPECT_EQ(json["partitions"], 2);
  EXPECT_EQ(json["logNumber"], table.state().number());
  EXPECT_EQ(json["filesPerPartition"]["min"], 1);
  EXPECT_EQ(json["filesPerPartition"]["max"], 2);
  EXPECT_EQ(json["filesPerPartition"]["mean"], 1.5);
  EXPECT_EQ(json["unfinishedJobs"], 0);
  EXPECT_EQ(json["unreferencedFiles"], 0);
}

TEST(TableStatus, CountsUnfinishedJobsAndFilesWithoutUse) {
  state::TestTable table = OnePartition();
  const state::UnfinishedJob job = table.Compaction("j", Encoded("z"));
  ASSERT_EQ(table.Do(state::AssignJobs{{job}}), "applied");
  EXPECT_EQ(StatusOf(kRegistered, table.state()).unfinished_jobs, 1);
  ASSERT_EQ(table.Do(table.Compacted(job, "c")), "applied");
  const TableStatus status = StatusOf(kRegistered, table.state());
  EXPECT_EQ(status.unfinished_jobs, 0);
  EXPECT_EQ(status.unreferenced_files, 2);
  EXPECT_EQ(status.rows, 105);
}

TEST(Partitions, AreInKeyOrderWithTheirShares) {
  const state::TestTable table = TwoPartitions();
  const auto rows = PartitionsOf(table.state());
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  const ordered_json json = PartitionsJson(*rows);
  ASSERT_EQ(json.size(), 2U);
  EXPECT_EQ(json[0]["lower"], nullptr);
  EXPECT_EQ(json[0]["upper"], ordered_json::array({"m"}));
  EXPECT_EQ(json[0]["files"], 1);
  EXPECT_EQ(json[0]["rows"], 30);
  EXPECT_EQ(json[1]["lower"], ordered_json::array({"m"}));
  EXPECT_EQ(json[1]["upper"], nullptr);
  EXPECT_EQ(json[1]["files"], 2);
  EXPECT_EQ(json[1]["rows"], 75);
  EXPECT_EQ(json[1]["rowsExact"], true);
}

TEST(Partitions, SayWhereRowsAreEstimates) {
  state::TestTable table = TwoPartitions();
  const model::PartitionId second = table.state().partitions().Find(Encoded("z")).id;
  ASSERT_EQ(table.Do(state::SplitPartitions{{{second, {Encoded("o")}}}}), "applied");
  const auto rows = PartitionsOf(table.state());
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_TRUE((*rows)[0].rows_exact);
  EXPECT_FALSE((*rows)[1].rows_exact);
  EXPECT_FALSE((*rows)[2].rows_exact);
}

TEST(Partitions, WithABoundaryThatIsNoKeyAreCorrupt) {
  const state::TestTable table({"raw"});
  EXPECT_TRUE(IsKind(PartitionsOf(table.state()).status(), ErrorKind::kCorrupt));
}

TEST(KeyJson, ShowsEachTypeAsScriptsReadIt) {
  EXPECT_EQ(KeyValueJson(int32_t{-5}), -5);
  EXPECT_EQ(KeyValueJson(INT64_MIN), INT64_MIN);
  EXPECT_EQ(KeyValueJson(std::string("a\"b")), "a\"b");
  EXPECT_EQ(KeyValueJson(model::Bytes{std::string("\0\xff", 2)}), "AP8=");
  EXPECT_EQ(KeyValueJson(model::Date{0}), "1970-01-01");
  EXPECT_EQ(KeyValueJson(model::Timestamp{1}), "1970-01-01T00:00:00.000001Z");
}

TEST(KeyJson, ShowsBytesThatAreNoKeyAsDigits) {
  EXPECT_EQ(KeyJson(state::SampleDefinition().schema, "raw"), "0x726177");
}

TEST(StateJson, ShowsEverythingUpToALimit) {
  const state::TestTable table = TwoPartitions();
  const ordered_json json = StateJson(table.state(), 1);
  EXPECT_EQ(json["number"], table.state().number());
  EXPECT_EQ(json["definition"]["schema"]["rowKeyFields"].size(), 1U);
  EXPECT_EQ(json["partitions"]["total"], 2);
  EXPECT_EQ(json["partitions"]["items"].size(), 1U);
  EXPECT_EQ(json["references"]["total"], 3);
  EXPECT_EQ(json["references"]["items"].size(), 1U);
  EXPECT_EQ(json["references"]["items"][0]["file"], table.IdOf("a").value());
  EXPECT_EQ(json["files"]["total"], 2);
  EXPECT_EQ(json["totals"]["rows"], 105);
  EXPECT_EQ(StateJson(table.state(), 100)["references"]["items"].size(), 3U);
}

TEST(StateJson, ShowsJobsAndWhatBecameOfThem) {
  state::TestTable table = OnePartition();
  const state::UnfinishedJob job = table.Compaction("j", Encoded("z"));
  ASSERT_EQ(table.Do(state::AssignJobs{{job}}), "applied");
  const ordered_json unfinished = StateJson(table.state(), 10)["unfinishedJobs"];
  ASSERT_EQ(unfinished["total"], 1);
  EXPECT_EQ(unfinished["items"][0]["id"], "j");
  EXPECT_EQ(unfinished["items"][0]["kind"], "compaction");
  EXPECT_EQ(unfinished["items"][0]["inputs"].size(), 2U);
  EXPECT_EQ(unfinished["items"][0]["inputs"][0]["interval"]["upper"], nullptr);
  ASSERT_EQ(table.Do(table.Compacted(job, "c")), "applied");
  const ordered_json outcomes = StateJson(table.state(), 10)["jobOutcomes"];
  ASSERT_EQ(outcomes["total"], 1);
  EXPECT_EQ(outcomes["items"][0]["result"], "finished");
}

TEST(StateJson, ShowsAFileWithItsReferences) {
  const state::TestTable table = TwoPartitions();
  const auto file = table.state().FindFile(table.IdOf("a"));
  ASSERT_TRUE(file.has_value());
  const ordered_json json = TrackedFileJson(table.state(), *file);
  EXPECT_EQ(json["id"], table.IdOf("a").value());
  EXPECT_EQ(json["bounds"]["min"], ordered_json::array({"c"}));
  EXPECT_EQ(json["rows"], 100);
  EXPECT_EQ(json["references"].size(), 2U);
}

TEST(LogJson, ShowsAnEntryWithItsTransactions) {
  state::TestTable table = TwoPartitions();
  const state::Transaction adding =
      table.Adding({table.File("d", {Encoded("a"), Encoded("b")}, {{{"", Encoded("m")}, 3}})});
  const std::vector<state::Transaction> transactions = {adding, state::ForgetJobs{7}};
  state::LogEntry entry{.number = 9, .id = model::EntryId("00000000000000ff"), .writer = "somebody"};
  entry.transactions = {std::string(), state::BodyReference{model::FileId("ab/1"), 123, 0xff}};

  const ordered_json line = EntryLineJson(entry, transactions);
  EXPECT_EQ(line["number"], 9);
  EXPECT_EQ(line["writer"], "somebody");
  EXPECT_EQ(line["transactions"], ordered_json::array({"AddFiles", "ForgetJobs"}));

  const ordered_json json = EntryJson(entry, transactions, table.state().definition().schema);
  EXPECT_EQ(json["previous"], nullptr);
  EXPECT_EQ(json["transactions"][0]["transaction"], "AddFiles");
  EXPECT_EQ(json["transactions"][0]["files"][0]["record"]["bounds"]["max"], ordered_json::array({"b"}));
  EXPECT_EQ(json["transactions"][0]["files"][0]["slices"][0]["rows"], 3);
  EXPECT_EQ(json["transactions"][1]["body"]["size"], 123);
  EXPECT_EQ(json["transactions"][1]["through"], 7);
}

TEST(LogJson, ShowsTheDefinitionOfATable) {
  const state::DefineTable define{state::SampleDefinition({{"gc.delay.minutes", "5"}}), {Encoded("m")}};
  state::LogEntry entry{.number = 1, .id = model::EntryId("00000000000000ff")};
  entry.transactions = {std::string()};
  const std::vector<state::Transaction> transactions = {define};
  const ordered_json json = EntryJson(entry, transactions, define.definition.schema);
  EXPECT_EQ(json["transactions"][0]["splitPoints"], ordered_json::array({ordered_json::array({"m"})}));
  EXPECT_EQ(json["transactions"][0]["definition"]["properties"]["gc.delay.minutes"], "5");
}

}  // namespace
}  // namespace sleeper::report
