#include "tests/oracle/table_under_test.h"

#include <algorithm>
#include <utility>

#include "sleeper/exchange/input_source.h"
#include "sleeper/exchange/output_writer.h"
#include "sleeper/ingest/commit_ingest.h"
#include "sleeper/ingest/ingest_spec.h"
#include "sleeper/ingest/registration.h"
#include "sleeper/ingest/run_ingest.h"
#include "sleeper/state/layout.h"

namespace sleeper::oracle {
namespace {

struct Format {
  exchange::OutputFormat output;
  exchange::InputFormat input;
};

constexpr Format kFormats[] = {{exchange::OutputFormat::kParquet, exchange::InputFormat::kParquet},
                               {exchange::OutputFormat::kArrow, exchange::InputFormat::kArrow},
                               {exchange::OutputFormat::kJsonLines, exchange::InputFormat::kJsonLines},
                               {exchange::OutputFormat::kCsv, exchange::InputFormat::kCsv}};

state::LogOptions Options() {
  state::LogOptions options;
  options.writer = "oracle";
  // So that reopening goes by snapshots.
  options.entries_kept = 2;
  options.backoff_first = Duration(1);
  options.backoff_max = Duration(100);
  return options;
}

}  // namespace

TableUnderTest::TableUnderTest(uint64_t seed, int threads)
    : random_(seed), executor_(threads, clock_), id_(state::MakeTableId(random_)) {
  OpenProcess();
}

void TableUnderTest::OpenProcess() {
  files_.reset();
  committer_.reset();
  log_ =
      std::make_unique<state::TableLog>(store_, clock_, random_, executor_, state::LogLayout::ForTable(id_), Options());
  committer_ = std::make_unique<state::TableCommitter>(*log_);
  files_ = std::make_unique<query::OpenFiles>(store_, id_);
}

Status TableUnderTest::Commit(state::Transaction transaction) {
  return committer_->Commit(std::move(transaction), CallContext()).status();
}

Status TableUnderTest::Create(const model::Schema& schema, std::vector<model::NormalisedKey> split_points) {
  layout_ = columnar::Layout::Of(schema);
  return Commit(state::DefineTable{{.schema = schema, .properties = {}}, std::move(split_points)});
}

Result<ingest::InputOpener> TableUnderTest::InputOf(const columnar::Batch& rows) {
  // Without rows there is only an empty file of JSON lines, which is refused.
  const Format& format = rows.rows() == 0 ? kFormats[0] : kFormats[random_.Below(std::size(kFormats))];
  std::string bytes;
  TRY_ASSIGN(const auto writer, exchange::OpenOutput(exchange::MakeStringSink(bytes, "input"),
                                                     {.format = format.output, .order = exchange::RowOrder::kAnyOrder},
                                                     layout_, CallContext()));
  TRY(writer->Write(rows));
  TRY(writer->Finish());
  const Buffer buffer = Buffer::FromString(std::move(bytes));
  const auto source = [buffer](const CallContext& /*call*/) -> Result<std::unique_ptr<exchange::InputSource>> {
    return exchange::MakeBufferSource(buffer, "input");
  };
  return ingest::MakeInputOpener(
      source, {.format = format.input, .csv = {}, .batch_rows_max = 1 + static_cast<int64_t>(random_.Below(200))});
}

Result<ingest::InputLister> TableUnderTest::InputsOf(const std::vector<columnar::Batch>& inputs) {
  std::vector<ingest::InputOpener> openers;
  for (const columnar::Batch& rows : inputs) {
    TRY_ASSIGN(ingest::InputOpener opener, InputOf(rows));
    openers.push_back(std::move(opener));
  }
  return ingest::InputLister(
      [openers](const CallContext& /*call*/) -> Result<std::vector<ingest::InputOpener>> { return openers; });
}

ingest::TablePorts TableUnderTest::IngestPorts() {
  return {store_, scratch_, executor_, random_, id_, *log_, *committer_};
}

Status TableUnderTest::Ingest(const std::vector<columnar::Batch>& inputs, const model::Properties& properties) {
  const ingest::IngestRequest request{
      .job = model::JobId("job-" + std::to_string(jobs_++)), .inputs = {}, .reading = ""};
  TRY_ASSIGN(const ingest::InputLister lister, InputsOf(inputs));
  TRY_ASSIGN(const ingest::IngestReport report,
             ingest::IngestTable(IngestPorts(), request, properties, lister, CallContext()));
  // A repeated delivery is no second ingest.
  TRY_ASSIGN(const ingest::IngestReport again,
             ingest::IngestTable(IngestPorts(), request, properties, lister, CallContext()));
  if (report.already_done || !again.already_done || again.rows_written != report.rows_written) {
    return Error(ErrorKind::kInternal, "a job that was delivered twice wrote ", again.rows_written, " rows again");
  }
  return Status::OK();
}

Status TableUnderTest::IngestWithin(const IngestBounds& bounds, const std::vector<columnar::Batch>& inputs,
                                    const model::Properties& properties) {
  const ingest::IngestRequest request{
      .job = model::JobId("job-" + std::to_string(jobs_++)), .inputs = {}, .reading = ""};
  TRY_ASSIGN(const state::TableStatePtr state, State());
  TRY_ASSIGN(ingest::IngestSpec spec, ingest::PlanIngest(*state, request, properties));
  spec.memory.sort_bytes_max = bounds.sort_bytes_max;
  spec.file_bytes_target = bounds.file_bytes_target;
  TRY_ASSIGN(const ingest::InputLister lister, InputsOf(inputs));
  TRY_ASSIGN(std::vector<ingest::InputOpener> openers, lister(CallContext()));
  const ingest::IngestPorts ports{store_,    id_,     scratch_,
                                  executor_, random_, [this](const CallContext& call) { return log_->Refresh(call); }};
  TRY_ASSIGN(const ingest::IngestOutcome outcome, ingest::RunIngest(ports, spec, std::move(openers), CallContext()));
  runs_spilled_ += outcome.sort.runs_spilled;
  const ingest::Registration none(*committer_, executor_, random_, spec);
  return ingest::CommitIngest(*committer_, spec, outcome, none, CallContext()).status();
}

Result<std::unique_ptr<rows::RowStream>> TableUnderTest::Query(query::QueryRequest request) {
  return query::RunQuery({executor_, *log_, *files_}, std::move(request), CallContext());
}

Result<query::QueryExplanation> TableUnderTest::Explain(const query::QueryRequest& request) {
  return query::ExplainQuery({executor_, *log_, *files_}, request, CallContext());
}

Status TableUnderTest::Split(const split::SplitPolicy& policy) {
  return split::SplitTable({store_, executor_, id_, *log_, *committer_}, policy, CallContext()).status();
}

Status TableUnderTest::SplitAt(const std::vector<model::NormalisedKey>& points) {
  return split::SplitTableAt({store_, executor_, id_, *log_, *committer_}, points, CallContext()).status();
}

Status TableUnderTest::Compact(const compact::CompactTableRequest& request) {
  TRY_ASSIGN(const compact::CompactTableReport report,
             compact::CompactTable({store_, executor_, random_, id_, *log_, *committer_}, request, CallContext()));
  TRY(report.failure);
  if (report.jobs_failed > 0 || report.rows_in != report.rows_out) {
    return Error(ErrorKind::kInternal, report.jobs_failed, " compactions failed; ", report.rows_in, " rows became ",
                 report.rows_out);
  }
  return Status::OK();
}

Status TableUnderTest::MergePartitions() {
  TRY_ASSIGN(const state::TableStatePtr state, State());
  const std::vector<model::Partition> leaves = state->partitions().All();
  if (leaves.size() < 2) return Status::OK();
  const size_t first = random_.Below(leaves.size() - 1);
  const size_t count = std::min(leaves.size() - first, 2 + random_.Below(3));
  std::vector<model::PartitionId> group;
  for (size_t i = first; i < first + count; ++i) group.push_back(leaves[i].id);
  return Commit(state::MergePartitions{{std::move(group)}});
}

Status TableUnderTest::Clear() {
  TRY_ASSIGN(const state::TableStatePtr state, State());
  return Commit(state::ClearTable{state->number()});
}

Status TableUnderTest::Collect() {
  TRY_ASSIGN(const state::TableStatePtr state, State());
  state::ForgetFiles forget;
  std::vector<store::ObjectPath> objects;
  for (const state::TrackedFile& file : state->UnreferencedFiles(state->number(), INT64_MAX)) {
    objects.push_back(state::DataFilePath(id_, file.record.id));
    forget.files.push_back({file.record.id, file.record.bounds.min});
  }
  if (objects.empty()) return Status::OK();
  TRY(store_.Delete(objects, CallContext()));
  return Commit(std::move(forget));
}

Status TableUnderTest::Reopen() {
  TRY(log_->WriteSnapshot(CallContext()).status());
  TRY(log_->Truncate(CallContext()).status());
  TRY_ASSIGN(const state::TableStatePtr before, State());
  OpenProcess();
  TRY_ASSIGN(const state::TableStatePtr after, State());
  if (before->number() != after->number() || before->digest() != after->digest()) {
    return Error(ErrorKind::kInternal, "state ", after->number(), " was read, another one than ", before->number());
  }
  return Status::OK();
}

Result<state::TableStatePtr> TableUnderTest::State() { return log_->Refresh(CallContext()); }

}  // namespace sleeper::oracle
