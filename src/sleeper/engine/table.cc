#include "sleeper/engine/table.h"

#include <utility>

#include "sleeper/base/log.h"
#include "sleeper/compact/compact_table.h"
#include "sleeper/engine/current_table.h"
#include "sleeper/engine/ingest_inputs.h"
#include "sleeper/engine/key_inputs.h"
#include "sleeper/engine/query_request.h"
#include "sleeper/engine/table_parts.h"
#include "sleeper/exchange/output_writer.h"
#include "sleeper/ingest/ingest_table.h"
#include "sleeper/query/run_query.h"
#include "sleeper/split/split_table.h"
#include "sleeper/store/folder_scratch.h"

namespace sleeper::engine {
namespace {

/// Writes a snapshot if the log has passed another multiple of statestore.snapshot.every.entries since `before`, so
/// that opening the table stays quick however old it is. What the operation did stands in any case, so a snapshot that
/// fails is only logged: the next operation that is due writes one.
void SnapshotIfDue(TableParts& parts, const CurrentTable& before, const CallContext& call) {
  const state::TableStatePtr now = parts.log.current();
  const auto every = static_cast<model::LogNumber>(before.properties.Get(model::property::kSnapshotEvery));
  if (now == nullptr || !now->exists() || now->number() / every == before.state->number() / every) return;
  const Status status = parts.log.WriteSnapshot(call.As("snapshot")).status();
  if (!status.ok())
    Log(LogLevel::kWarning, "no snapshot was written", {{"table", parts.registered.name}, {"why", status.message()}});
}

split::TablePorts SplitPorts(TableParts& parts) {
  return {parts.ports.store, parts.ports.io_executor, parts.registered.id, parts.log, parts.committer};
}

SplitResult ResultOf(split::SplitReport report) {
  return {.partitions_before = report.partitions_before,
          .partitions_after = report.partitions_after,
          .unsplittable = std::move(report.unsplittable),
          .log_number = report.log_number};
}

CompactionResult ResultOf(compact::CompactTableReport report) {
  CompactionResult result{.jobs = report.jobs,
                          .files_in = report.files_in,
                          .files_out = report.files_out,
                          .rows_in = report.rows_in,
                          .rows_out = report.rows_out,
                          .bytes_in = report.bytes_in,
                          .bytes_out = report.bytes_out,
                          .jobs_superseded = report.jobs_superseded,
                          .jobs_failed = report.jobs_failed,
                          .jobs_taken_over = report.jobs_taken_over,
                          .jobs_of_others = report.jobs_of_others,
                          .references_set_aside = report.references_set_aside,
                          .plan = {},
                          .failure = report.failure};
  for (const compact::CompactionSpec& job : report.plan) {
    PlannedCompaction planned{.partition = job.partition, .files = {}, .rows = job.rows(), .bytes = job.bytes()};
    for (const compact::CompactionInput& input : job.inputs) planned.files.push_back(input.file.id);
    result.plan.push_back(std::move(planned));
  }
  return result;
}

/// Copies a stream to a writer.
Result<int64_t> WriteAll(rows::RowStream& rows, exchange::OutputWriter& writer, const CallContext& call) {
  int64_t written = 0;
  for (;;) {
    TRY_ASSIGN(const std::optional<columnar::Batch> batch, rows.Next());
    if (!batch) return written;
    TRY(writer.Write(*batch));
    written += batch->rows();
    call.Report("rows", written, 0);
  }
}

}  // namespace

Table::Table(std::unique_ptr<TableParts> parts) : parts_(std::move(parts)) {}
Table::~Table() = default;

const model::TableId& Table::id() const { return parts_->registered.id; }
const model::TableName& Table::name() const { return parts_->registered.name; }
bool Table::online() const { return parts_->registered.online; }

Result<state::TableStatePtr> Table::State(const CallContext& call) { return CurrentState(*parts_, call); }

Result<model::Properties> Table::Properties(const CallContext& call) {
  TRY_ASSIGN(CurrentTable current, Current(*parts_, call));
  return std::move(current.properties);
}

Status Table::SetProperties(const model::PropertyChanges& changes, const CallContext& call) {
  // Somebody else's change of other properties in between is no conflict: the request is laid over what is there then.
  constexpr int kAttemptsMax = 10;
  Status last;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    TRY_ASSIGN(const CurrentTable current, Current(*parts_, call));
    model::TableDefinition definition = current.state->definition();
    TRY_ASSIGN(definition.properties,
               model::ChangeProperties(definition.properties, changes, model::PropertyScope::kTable));
    TRY(model::CheckNamedFields(definition.properties, definition.schema));
    ++definition.version;
    last = parts_->committer.Commit(state::Transaction(state::DefineTable{std::move(definition), {}}), call).status();
    if (IsKind(last, ErrorKind::kOutcomeUnknown)) {
      return WithHint(
          WithContext(last, "it is not known whether the properties were set"),
          "see which are set: sleeper table describe " + name().value() + "; to set them again does no harm");
    }
    if (!IsKind(last, ErrorKind::kConflict)) return last;
  }
  return last;
}

Result<IngestResult> Table::Ingest(const IngestOptions& options, const CallContext& call) {
  TRY_ASSIGN(const CurrentTable current, Current(*parts_, call));
  const TablePorts& ports = parts_->ports;
  const store::FolderScratchOptions scratch_options{
      .parent = ports.scratch_folder, .bytes_max = current.properties.Get(model::property::kIngestSpillBytes)};
  TRY_ASSIGN(const auto scratch, store::FolderScratch::Open(scratch_options, ports.random));
  TRY_ASSIGN(const ingest::IngestRequest request, IngestRequestOf(options, ports.random));
  TRY_ASSIGN(
      ingest::IngestReport report,
      ingest::IngestTable(
          {ports.store, *scratch, ports.executor, ports.random, parts_->registered.id, parts_->log, parts_->committer},
          request, current.properties, InputsOf(options, current.properties, ports.inputs, *scratch), call));
  SnapshotIfDue(*parts_, current, call);
  return IngestResult{.job = report.job,
                      .already_done = report.already_done,
                      .rows_read = report.rows_read,
                      .rows_written = report.rows_written,
                      .files = report.files,
                      .bytes = report.bytes,
                      .bytes_spilled = report.bytes_spilled,
                      .log_number = report.number,
                      .ignored_columns = report.ignored.count,
                      .ignored_names = std::move(report.ignored.names)};
}

Result<QueryResult> Table::Query(const QueryOptions& options, const CallContext& call) {
  TRY_ASSIGN(const state::TableStatePtr state, CurrentState(*parts_, call));
  TRY_ASSIGN(query::QueryRequest request, QueryRequestOf(options, state->definition().schema, call));
  QueryResult result;
  query::TablePorts ports{parts_->ports.io_executor, parts_->log, parts_->files};
  ports.on_resume = [&result](model::LogNumber) { ++result.resumed; };
  TRY_ASSIGN(const auto rows, query::RunQuery(ports, std::move(request), call, state));
  TRY_ASSIGN(auto writer, OpenQueryOutput(options, rows->layout(), call));
  TRY_ASSIGN(result.rows, WriteAll(*rows, *writer, call));
  TRY(writer->Finish());
  return result;
}

Result<QueryExplanation> Table::Explain(const QueryOptions& options, const CallContext& call) {
  TRY_ASSIGN(const state::TableStatePtr state, CurrentState(*parts_, call));
  TRY_ASSIGN(const query::QueryRequest request, QueryRequestOf(options, state->definition().schema, call));
  TRY_ASSIGN(const query::QueryExplanation explanation,
             query::ExplainQuery({parts_->ports.io_executor, parts_->log, parts_->files}, request, call, state));
  return QueryExplanation{.log_number = explanation.log_number,
                          .partitions = explanation.partitions,
                          .files = explanation.files,
                          .row_groups = explanation.row_groups,
                          .pages = explanation.pages,
                          .bytes = explanation.bytes,
                          .rows = explanation.rows,
                          .table_partitions = explanation.table_partitions,
                          .table_files = explanation.table_files,
                          .table_bytes = explanation.table_bytes};
}

Result<CompactionResult> Table::Compact(const CompactionOptions& options, const CallContext& call) {
  TRY_ASSIGN(const CurrentTable current, Current(*parts_, call));
  const TablePorts& ports = parts_->ports;
  compact::CompactTableRequest request{
      .properties = current.properties, .worker = compact::ThisProcess(), .dry_run = options.dry_run};
  if (options.all) request.mode = compact::CompactionMode::kAll;
  if (options.take_over) request.take_over = compact::TakeOver::kAlways;
  request.read_ahead = ports.read_ahead;
  TRY_ASSIGN(compact::CompactTableReport report,
             compact::CompactTable(
                 {ports.store, ports.executor, ports.random, parts_->registered.id, parts_->log, parts_->committer},
                 request, call));
  SnapshotIfDue(*parts_, current, call);
  return ResultOf(std::move(report));
}

Result<SplitResult> Table::Split(const CallContext& call) {
  TRY_ASSIGN(const CurrentTable current, Current(*parts_, call));
  TRY_ASSIGN(split::SplitReport report,
             split::SplitTable(SplitPorts(*parts_), split::SplitPolicy::From(current.properties), call));
  SnapshotIfDue(*parts_, current, call);
  return ResultOf(std::move(report));
}

Result<SplitResult> Table::SplitAt(const std::string& points_file, const CallContext& call) {
  TRY_ASSIGN(const CurrentTable current, Current(*parts_, call));
  TRY_ASSIGN(const auto points, ReadSplitPoints(points_file, current.state->definition().schema, call));
  TRY_ASSIGN(split::SplitReport report, split::SplitTableAt(SplitPorts(*parts_), points, call));
  SnapshotIfDue(*parts_, current, call);
  return ResultOf(std::move(report));
}

Result<int64_t> Table::Clear(const CallContext& call) {
  TRY_ASSIGN(const CurrentTable current, Current(*parts_, call));
  const Status cleared =
      parts_->committer.Commit(state::Transaction(state::ClearTable{current.state->number()}), call).status();
  if (IsKind(cleared, ErrorKind::kOutcomeUnknown)) {
    return WithHint(WithContext(cleared, "it is not known whether the table was cleared"),
                    "see how many rows it has: sleeper status " + name().value() +
                        "; to clear it again would also take the rows that came in since");
  }
  TRY(cleared);
  return current.state->totals().rows;
}

}  // namespace sleeper::engine
