#include "sleeper/compact/run_compaction.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/task_group.h"
#include "sleeper/compact/file_run.h"
#include "sleeper/compact/merge_pages.h"
#include "sleeper/compact/verify_compaction.h"
#include "sleeper/store/abandoned_write.h"

namespace sleeper::compact {
namespace {

/// What a job takes besides the windows of its inputs and its row group.
constexpr int64_t kOverheadBytes = int64_t{16} << 20;

// The least interval that holds those of all inputs. They lie in one partition, so it does too.
model::KeyInterval Hull(const CompactionSpec& spec) {
  model::KeyInterval hull = spec.inputs.front().interval;
  for (const CompactionInput& input : spec.inputs) {
    hull.lower = std::min(hull.lower, input.interval.lower);
    if (!input.interval.upper) hull.upper.reset();
    if (hull.upper) hull.upper = std::max(*hull.upper, *input.interval.upper);
  }
  return hull;
}

// What all pieces read of each input. The hashes of whole files are known from their records.
std::vector<state::ConsumedInput> Sum(const CompactionSpec& spec, const std::vector<WrittenPiece>& pieces) {
  std::vector<state::ConsumedInput> sums;
  for (size_t i = 0; i < spec.inputs.size(); ++i) {
    state::ConsumedInput& sum = sums.emplace_back(state::ConsumedInput{spec.inputs[i].file.id, 0, {}});
    for (const WrittenPiece& piece : pieces) {
      sum.rows += piece.consumed[i].rows;
      sum.row_hash += piece.consumed[i].row_hash;
    }
    if (spec.inputs[i].IsWholeFile()) sum.row_hash = spec.inputs[i].file.row_hash;
  }
  return sums;
}

// Proves that all pieces together are right.
Result<CompactionOutcome> UnitePieces(const CompactionSpec& spec, std::vector<WrittenPiece> pieces) {
  CompactionOutcome outcome;
  outcome.consumed = Sum(spec, pieces);
  std::vector<model::FileRecord> files;
  for (WrittenPiece& piece : pieces) {
    std::ranges::move(piece.files, std::back_inserter(files));
    outcome.rows_copied += piece.rows_copied;
  }
  TRY(VerifyCompaction(spec, outcome.consumed, files));
  for (model::FileRecord& record : files) {
    const int64_t rows = record.rows;
    outcome.outputs.push_back({std::move(record), {{Hull(spec), rows}}});
  }
  return outcome;
}

}  // namespace

int64_t CompactionOutcome::rows_read() const {
  int64_t rows = 0;
  for (const state::ConsumedInput& input : consumed) rows += input.rows;
  return rows;
}

int64_t CompactionOutcome::rows_written() const {
  int64_t rows = 0;
  for (const state::NewFile& output : outputs) rows += output.record.rows;
  return rows;
}

int64_t CompactionOutcome::bytes_written() const {
  int64_t bytes = 0;
  for (const state::NewFile& output : outputs) bytes += output.record.size_bytes;
  return bytes;
}

int64_t MemoryOf(const CompactionSpec& spec, const CompactionReads& reads) {
  const auto inputs = static_cast<int64_t>(spec.inputs.size());
  const int64_t windows = std::max(reads.bytes_max, inputs * WindowBytesOf(reads, spec.inputs.size()));
  return windows + spec.file_settings.row_group_bytes_max + kOverheadBytes;
}

Result<CompactionOutcome> RunCompaction(const CompactionPorts& ports, const CompactionSpec& spec,
                                        const CallContext& call) {
  TRY_ASSIGN(const OpenInputs inputs, OpenInputs::Open(ports, spec, call));
  const int64_t files = OutputFiles(spec.bytes(), spec.file_bytes_target);
  const std::vector<model::KeyInterval> intervals =
      inputs.CutIntoPieces(std::min<int64_t>(files, ports.pieces_at_a_time));
  const auto count = static_cast<int64_t>(intervals.size());
  const int64_t rows_per_file = files <= count ? INT64_MAX : (spec.rows() + files - 1) / files;
  std::vector<WrittenPiece> pieces(intervals.size());
  const Status written = ParallelFor(ports.executor, count, ports.pieces_at_a_time, [&](int64_t index) -> Status {
    const auto i = static_cast<size_t>(index);
    TRY_ASSIGN(pieces[i], MergePages(ports, spec, inputs, intervals[i], count, rows_per_file, call));
    return Status::OK();
  });
  TRY(store::AbandonedWrite(written, call, ports.executor.clock()));
  return UnitePieces(spec, std::move(pieces));
}

}  // namespace sleeper::compact
