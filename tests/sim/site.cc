#include "tests/sim/site.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sleeper/collect/collect_table.h"
#include "sleeper/collect/sweep_gone_tables.h"
#include "sleeper/collect/sweep_table.h"
#include "sleeper/compact/compact_table.h"
#include "sleeper/ingest/ingest_table.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/query/open_files.h"
#include "sleeper/query/run_query.h"
#include "sleeper/split/split_table.h"
#include "sleeper/state/layout.h"
#include "sleeper/state/table_log.h"
#include "tests/sim/live_objects.h"

namespace sleeper::sim {
namespace {

/// Limits so low that a short life reaches them; bodies for all but the smallest transactions.
state::LogOptions Options(const std::string& writer) {
  state::LogOptions options;
  options.writer = writer;
  options.entries_kept = 2;
  options.ids_remembered = 50;
  options.entry_bytes_max = 500;
  return options;
}

model::Properties TableProperties() {
  return model::Properties::Make(
             {{"compaction.files.batch.size", "2"}, {"ingest.file.writing.strategy", "one_file_per_leaf"}})
      .ValueOrDie();
}

}  // namespace

struct Site::OpenTable {
  OpenTable(Actor& actor, const model::TableId& table_id)
      : id(table_id),
        log(actor.store(), actor.clock(), actor.random(), actor.executor(), state::LogLayout::ForTable(table_id),
            Options(actor.name())),
        committer(log),
        files(actor.store(), table_id) {}

  const model::TableId id;
  state::TableLog log;
  state::TableCommitter committer;
  query::OpenFiles files;
};

Site::Site(Actor& actor, const SiteTimes& times)
    : actor_(actor),
      times_(times),
      registry_(actor.store(), actor.clock(), actor.random(), actor.executor(), Options(actor.name())) {}

std::unique_ptr<Site::OpenTable> Site::Open(const model::TableId& id) {
  return std::make_unique<OpenTable>(actor_, id);
}

Result<std::unique_ptr<Site::OpenTable>> Site::Open(const std::string& table) {
  TRY_ASSIGN(const state::RegisteredTable found, registry_.FindTable(model::TableName(table), call_));
  return Open(found.id);
}

Result<std::vector<state::RegisteredTable>> Site::Tables() {
  TRY_ASSIGN(const state::RegistryStatePtr registry, registry_.Refresh(call_));
  return registry->Tables();
}

Status Site::Create(const std::string& table) {
  return registry_
      .CreateTable(
          {.name = model::TableName(table), .definition = {.schema = NumberLayout()->schema()}, .split_points = {}},
          call_)
      .status();
}

Status Site::Rename(const std::string& from, const std::string& to) {
  return registry_.RenameTable(model::TableName(from), model::TableName(to), call_);
}

Status Site::Drop(const std::string& table) { return registry_.DropTable(model::TableName(table), call_); }

Status Site::Ingest(const std::string& table, const std::string& job, std::vector<NumberRow> rows) {
  TRY_ASSIGN(const state::RegisteredTable found, registry_.FindTable(model::TableName(table), call_));
  return IngestInto(found.id, job, std::move(rows)).status();
}

Result<ingest::IngestReport> Site::IngestInto(const model::TableId& table, const std::string& job,
                                              std::vector<NumberRow> rows) {
  const std::unique_ptr<OpenTable> open = Open(table);
  const ingest::IngestRequest request{.job = model::JobId(job), .inputs = {job}, .reading = "rows"};
  const ingest::InputLister lister = [&rows](const CallContext&) -> Result<std::vector<ingest::InputOpener>> {
    return std::vector<ingest::InputOpener>{InputOf(rows)};
  };
  const ingest::TablePorts ports{actor_.store(), scratch_,  actor_.executor(), actor_.random(),
                                 open->id,       open->log, open->committer};
  return ingest::IngestTable(ports, request, TableProperties(), lister, call_);
}

Status Site::Compact(const std::string& table) {
  TRY_ASSIGN(const auto open, Open(table));
  const compact::TablePorts ports{actor_.store(), actor_.executor(), actor_.random(),
                                  open->id,       open->log,         open->committer};
  compact::CompactTableRequest request{.mode = compact::CompactionMode::kAll, .properties = TableProperties()};
  request.take_over = compact::TakeOver::kAlways;
  TRY_ASSIGN(const compact::CompactTableReport report, compact::CompactTable(ports, request, call_));
  return report.failure;
}

Status Site::Split(const std::string& table, int64_t key) {
  TRY_ASSIGN(const auto open, Open(table));
  const split::TablePorts ports{actor_.store(), actor_.executor(), open->id, open->log, open->committer};
  return split::SplitTableAt(ports, {model::EncodeKey(model::KeyTuple{key})}, call_).status();
}

Status Site::Snapshot(const std::string& table) {
  TRY_ASSIGN(const auto open, Open(table));
  return open->log.WriteSnapshot(call_).status();
}

Status Site::Truncate(const std::string& table) {
  TRY_ASSIGN(const auto open, Open(table));
  return open->log.Truncate(call_).status();
}

Status Site::LeaveOrphans(const std::string& table) {
  TRY_ASSIGN(const auto open, Open(table));
  TRY_ASSIGN(const state::TableStatePtr state, open->log.Refresh(call_));
  const model::FileId name = state::MakeFileId(state->number(), actor_.random());
  const Buffer bytes = Buffer::FromString("not part of anything");
  const store::ObjectPath body = state::LogLayout::ForTable(open->id).BodyPath(name);
  for (const store::ObjectPath& path : {state::DataFilePath(open->id, name), body}) {
    TRY(actor_.store().Put(path, bytes, store::PutMode::kIfAbsent, call_).status());
  }
  return Status::OK();
}

Status Site::Collect(const std::string& table) {
  TRY_ASSIGN(const auto open, Open(table));
  const collect::TablePorts ports{actor_.store(), actor_.executor(), actor_.random(),
                                  open->id,       open->log,         open->committer};
  TRY_ASSIGN(const collect::CollectReport report, collect::CollectTable(ports, times_.collect_delay, call_));
  return report.failure;
}

Status Site::Sweep(const std::string& table) {
  TRY_ASSIGN(const auto open, Open(table));
  const collect::TablePorts ports{actor_.store(), actor_.executor(), actor_.random(),
                                  open->id,       open->log,         open->committer};
  TRY_ASSIGN(const collect::SweepReport report, collect::SweepTable(ports, {.age = times_.sweep_age}, call_));
  return report.failure;
}

Status Site::SweepGoneTables() {
  const collect::InstancePorts ports{actor_.store(), actor_.executor(), actor_.random(), registry_};
  TRY_ASSIGN(const collect::SweepReport report, collect::SweepGoneTables(ports, times_.sweep_age, call_));
  return report.failure;
}

Status Site::TidyTable(const state::RegisteredTable& table) {
  const std::unique_ptr<OpenTable> open = Open(table.id);
  TRY_ASSIGN(const state::TableStatePtr state, open->log.Refresh(call_));
  if (state->dropped() || registry_.current()->IsBeingDropped(table.id)) return registry_.FinishDrop(table.id, call_);
  const std::string& name = table.name.value();
  TRY(Snapshot(name));
  TRY(Truncate(name));
  TRY(Collect(name));
  return Sweep(name);
}

Status Site::Tidy() {
  TRY_ASSIGN(const std::vector<state::RegisteredTable> tables, Tables());
  for (const state::RegisteredTable& table : tables) TRY(TidyTable(table));
  const state::LogUpkeep always{.snapshot_every = 1, .entries_kept = 1, .truncate_behind = 1};
  TRY(registry_.Maintain(always, call_).status());
  return SweepGoneTables();
}

Result<Contents> Site::Read() {
  Contents contents;
  TRY_ASSIGN(const state::RegistryStatePtr registry, registry_.Refresh(call_));
  for (const state::RegisteredTable& table : registry->Tables()) {
    const std::unique_ptr<OpenTable> open = Open(table.id);
    TRY_ASSIGN(const state::TableStatePtr state, open->log.Refresh(call_));
    if (state->dropped()) continue;
    TRY_ASSIGN(std::vector<NumberRow> rows, ReadTable(table.id));
    std::sort(rows.begin(), rows.end());
    contents.emplace(table.name.value(), std::move(rows));
  }
  return contents;
}

Result<std::vector<NumberRow>> Site::ReadTable(const model::TableId& table) {
  const std::unique_ptr<OpenTable> open = Open(table);
  TRY_ASSIGN(const auto stream, query::RunQuery({actor_.executor(), open->log, open->files}, {}, call_));
  return ReadAll(*stream);
}

Result<std::string> Site::WrongObject() {
  std::map<model::TableId, state::TableStatePtr> tables;
  TRY_ASSIGN(const state::RegistryStatePtr registry, registry_.Refresh(call_));
  for (const state::RegisteredTable& table : registry->Tables()) {
    TRY_ASSIGN(tables[table.id], Open(table.id)->log.Refresh(call_));
  }
  return sim::WrongObject(actor_.simulation().objects(), tables);
}

void Site::Wait(Duration time) {
  Scheduler& scheduler = actor_.simulation().scheduler();
  scheduler.SleepUntil(scheduler.now() + time);
}

}  // namespace sleeper::sim
