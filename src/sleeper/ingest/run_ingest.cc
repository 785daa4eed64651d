#include "sleeper/ingest/run_ingest.h"

#include <memory>
#include <optional>
#include <utility>

#include "sleeper/columnar/layout.h"
#include "sleeper/ingest/read_inputs.h"
#include "sleeper/rows/transforms.h"
#include "sleeper/store/abandoned_write.h"

namespace sleeper::ingest {
namespace {

/// Batches that the merge may be ahead of the writer.
constexpr int kBatchesAheadMax = 2;

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

Result<std::vector<state::NewFile>> WriteFiles(const IngestPorts& ports, const IngestSpec& spec,
                                               rows::RowStream& sorted, int64_t rows_total, const CallContext& call) {
  const FileSetWriter::Ports writer_ports{ports.store, ports.table, ports.random, ports.fresh_state};
  FileSetWriter writer(writer_ports, spec, call);
  int64_t rows_done = 0;
  for (;;) {
    TRY(call.Check(ports.executor.clock()));
    if (ports.keep_alive) TRY(ports.keep_alive(call));
    TRY_ASSIGN(const std::optional<columnar::Batch> batch, sorted.Next());
    if (!batch) return writer.Finish();
    TRY(writer.Write(*batch));
    rows_done += batch->rows();
    call.Report("writing", rows_done, rows_total);
  }
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
  TRY_ASSIGN(
      const std::unique_ptr<sort::ExternalSort> sort,
      sort::ExternalSort::Make(columnar::Layout::Of(spec.schema), {.memory_bytes_max = spec.memory.sort_bytes_max},
                               ports.scratch, ports.executor, call));
  TRY_ASSIGN(ReadTotals read, ReadInputs(ports.executor, spec, inputs, *sort, call));
  IngestOutcome outcome;
  outcome.rows_read = read.rows;
  outcome.inputs = static_cast<int64_t>(inputs.size());
  // Nothing needs the inputs any more; they may hold files open.
  inputs.clear();
  {
    TRY_ASSIGN(std::unique_ptr<rows::RowStream> sorted, sort->Finish());
    sorted = rows::ReadAhead(std::move(sorted), ports.executor, kBatchesAheadMax);
    auto files = WriteFiles(ports, spec, *sorted, read.rows, call);
    TRY(store::AbandonedWrite(files.status(), call, ports.executor.clock()));
    outcome.files = *std::move(files);
  }
  TRY(Verify(read, outcome.files));
  outcome.ignored = std::move(read.ignored);
  outcome.sort = sort->statistics();
  return outcome;
}

}  // namespace sleeper::ingest
