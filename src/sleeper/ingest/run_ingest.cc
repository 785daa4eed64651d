#include "sleeper/ingest/run_ingest.h"

#include <memory>
#include <utility>

#include "sleeper/ingest/read_inputs.h"
#include "sleeper/ingest/row_intake.h"
#include "sleeper/store/abandoned_write.h"

namespace sleeper::ingest {
namespace {

Status Verify(const ReadTotals& read, const std::vector<state::NewFile>& files) {
  int64_t rows = 0;
  model::RowHash hash;
  for (const state::NewFile& file : files) {
    rows += file.record.rows;
    hash += file.record.row_hash;
  }
  if (rows != read.rows) {
    return Error(ErrorKind::kCorrupt, "the ingest read ", read.rows, " rows and wrote ", rows);
  }
  if (hash != read.row_hash) return Error(ErrorKind::kCorrupt, "the ingest wrote other rows than it read");
  return Status::OK();
}

Result<IngestOutcome> ReadAndWrite(const IngestPorts& ports, const IngestSpec& spec, std::vector<InputOpener> inputs,
                                   const CallContext& call) {
  TRY_ASSIGN(const std::unique_ptr<RowIntake> intake, RowIntake::Make(ports, spec, call));
  TRY_ASSIGN(ReadTotals read,
             ReadInputs(
                 ports.executor, spec, inputs, [&](columnar::Batch batch) { return intake->Add(std::move(batch)); },
                 [&] { return ports.keep_alive ? ports.keep_alive(call) : Status::OK(); }, call));
  IngestOutcome outcome;
  outcome.rows_read = read.rows;
  outcome.inputs = static_cast<int64_t>(inputs.size());
  // Nothing needs the inputs any more; they may hold files open.
  inputs.clear();
  TRY_ASSIGN(outcome.files, intake->Finish());
  TRY(Verify(read, outcome.files));
  outcome.ignored = std::move(read.ignored);
  outcome.rows_passed = intake->rows_passed();
  outcome.sort = intake->sort_statistics();
  return outcome;
}

}  // namespace

int64_t IngestOutcome::rows_written() const {
  int64_t rows = 0;
  for (const state::NewFile& file : files) rows += file.record.rows;
  return rows;
}

int64_t IngestOutcome::bytes_written() const {
  int64_t bytes = 0;
  for (const state::NewFile& file : files) bytes += file.record.size_bytes;
  return bytes;
}

Result<IngestOutcome> RunIngest(const IngestPorts& ports, const IngestSpec& spec, std::vector<InputOpener> inputs,
                                const CallContext& call) {
  Result<IngestOutcome> outcome = ReadAndWrite(ports, spec, std::move(inputs), call);
  TRY(store::AbandonedWrite(outcome.status(), call, ports.executor.clock()));
  return outcome;
}

}  // namespace sleeper::ingest
