#include "sleeper/compact/run_compaction.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "sleeper/base/task_group.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/compact/output_files.h"
#include "sleeper/compact/verify_compaction.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/rows/merge.h"
#include "sleeper/rows/transforms.h"
#include "sleeper/state/layout.h"

namespace sleeper::compact {
namespace {

/// Batches that the merge may be ahead of the writer.
constexpr int kBatchesAheadMax = 2;

/// What is fetched ahead of one input: at most the first, at least the second, and of all inputs together about the
/// third.
constexpr int64_t kWindowBytesMax = int64_t{8} << 20;
constexpr int64_t kWindowBytesMin = int64_t{128} << 10;
constexpr int64_t kWindowsBytesMax = int64_t{256} << 20;

/// What a job takes besides the windows of its inputs and its row group.
constexpr int64_t kOverheadBytes = int64_t{16} << 20;

using LayoutPtr = std::shared_ptr<const columnar::Layout>;
using ReaderPtr = std::shared_ptr<const file::DataFileReader>;

/// Passes the rows of one slice on and adds them up.
///
/// The rows of a whole file are counted only: their hash is known from the file's record, so that a file whose rows are
/// others is found out when the hash of what was written does not fit. Hashing each row once saves half of the cost.
class MeteredStream final : public rows::RowStream {
 public:
  MeteredStream(std::unique_ptr<rows::RowStream> input, std::shared_ptr<std::vector<state::ConsumedInput>> consumed,
                size_t slice, const CompactionInput& spec, std::function<void(int64_t)> on_read)
      : input_(std::move(input)), consumed_(std::move(consumed)), slice_(slice), on_read_(std::move(on_read)) {
    if (spec.IsWholeFile()) {
      (*consumed_)[slice_].row_hash = spec.file.row_hash;
    } else {
      hasher_.emplace(input_->layout());
    }
  }

  const LayoutPtr& layout() const override { return input_->layout(); }

  Result<std::optional<columnar::Batch>> Next() override {
    TRY_ASSIGN(std::optional<columnar::Batch> batch, input_->Next());
    if (batch) {
      state::ConsumedInput& consumed = (*consumed_)[slice_];
      consumed.rows += batch->rows();
      if (hasher_) {
        hasher_->Add(*batch);
        consumed.row_hash = hasher_->sum();
      }
      if (on_read_) on_read_(batch->rows());
    }
    return batch;
  }

 private:
  std::unique_ptr<rows::RowStream> input_;
  std::shared_ptr<std::vector<state::ConsumedInput>> consumed_;
  size_t slice_;
  std::function<void(int64_t)> on_read_;
  std::optional<columnar::RowHasher> hasher_;
};

Result<std::vector<ReaderPtr>> OpenFiles(const CompactionPorts& ports, const CompactionSpec& spec,
                                         const LayoutPtr& layout, const CallContext& call) {
  std::vector<ReaderPtr> readers(spec.inputs.size());
  TRY(ParallelFor(ports.executor, static_cast<int64_t>(readers.size()), 0, [&](int64_t index) -> Status {
    const auto i = static_cast<size_t>(index);
    const model::FileRecord& record = spec.inputs[i].file;
    TRY_ASSIGN(readers[i], file::DataFileReader::Open(ports.store, state::DataFilePath(ports.table, record.id),
                                                      record.size_bytes, record.tail_bytes, layout, call));
    return Status::OK();
  }));
  return readers;
}

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

int64_t WindowBytes(size_t inputs) {
  return std::clamp(kWindowsBytesMax / static_cast<int64_t>(inputs), kWindowBytesMin, kWindowBytesMax);
}

// The slices that follow one another without overlap, as indexes of inputs: each sequence is one input of the merge,
// whose files are read one after the other.
std::vector<std::vector<size_t>> Sequences(const std::vector<CompactionInput>& inputs) {
  std::vector<size_t> by_key(inputs.size());
  for (size_t i = 0; i < by_key.size(); ++i) by_key[i] = i;
  std::ranges::stable_sort(by_key, {}, [&](size_t i) -> const model::NormalisedKey& { return inputs[i].FirstKey(); });
  std::vector<std::vector<size_t>> sequences;
  for (size_t i : by_key) {
    auto follows = [&](const std::vector<size_t>& sequence) { return inputs[i].StartsAfter(inputs[sequence.back()]); };
    auto sequence = std::ranges::find_if(sequences, follows);
    if (sequence == sequences.end()) sequence = sequences.insert(sequences.end(), std::vector<size_t>());
    sequence->push_back(i);
  }
  return sequences;
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

int64_t MemoryOf(const CompactionSpec& spec) {
  const auto inputs = static_cast<int64_t>(spec.inputs.size());
  return inputs * WindowBytes(spec.inputs.size()) + spec.file_settings.row_group_bytes_max + kOverheadBytes;
}

Result<MergedInputs> MergeInputs(const CompactionPorts& ports, const CompactionSpec& spec, const CallContext& call) {
  const LayoutPtr layout = columnar::Layout::Of(spec.schema);
  TRY_ASSIGN(std::vector<ReaderPtr> readers, OpenFiles(ports, spec, layout, call));
  MergedInputs merged;
  merged.consumed = std::make_shared<std::vector<state::ConsumedInput>>();
  for (const CompactionInput& input : spec.inputs) merged.consumed->push_back({input.file.id, 0, {}});

  const std::vector<std::vector<size_t>> order = Sequences(spec.inputs);
  std::vector<std::unique_ptr<rows::RowStream>> sequences;
  for (const std::vector<size_t>& sequence : order) {
    std::vector<rows::StreamMaker> parts;
    for (size_t i : sequence) {
      parts.push_back([reader = readers[i], input = spec.inputs[i], consumed = merged.consumed, i, call,
                       window = WindowBytes(order.size()),
                       on_read = ports.on_read]() -> Result<std::unique_ptr<rows::RowStream>> {
        file::ScanRequest request;
        request.intervals = {input.interval};
        request.window_bytes_max = window;
        auto scan = reader->Scan(request, call);
        return std::make_unique<MeteredStream>(std::move(scan), consumed, i, input, on_read);
      });
    }
    sequences.push_back(rows::Concatenate(layout, std::move(parts)));
  }
  merged.rows = rows::Merge(layout, std::move(sequences));
  return merged;
}

Result<CompactionOutcome> WriteVerified(const CompactionPorts& ports, const CompactionSpec& spec, MergedInputs inputs,
                                        const CallContext& call) {
  TRY_ASSIGN(std::vector<model::FileRecord> files, WriteOutputFiles(ports, spec, *inputs.rows, call));
  inputs.rows.reset();
  TRY(VerifyCompaction(spec, *inputs.consumed, files));
  CompactionOutcome outcome;
  for (model::FileRecord& record : files) {
    const int64_t rows = record.rows;
    outcome.outputs.push_back({std::move(record), {{Hull(spec), rows}}});
  }
  outcome.consumed = std::move(*inputs.consumed);
  return outcome;
}

Result<CompactionOutcome> RunCompaction(const CompactionPorts& ports, const CompactionSpec& spec,
                                        const CallContext& call) {
  TRY_ASSIGN(MergedInputs inputs, MergeInputs(ports, spec, call));
  inputs.rows = rows::ReadAhead(std::move(inputs.rows), ports.executor, kBatchesAheadMax);
  Result<CompactionOutcome> outcome = WriteVerified(ports, spec, std::move(inputs), call);
  // The answer to a write of a data file was lost. Nobody refers to it, so the attempt has simply failed.
  if (IsKind(outcome.status(), ErrorKind::kOutcomeUnknown)) return WithKind(outcome.status(), ErrorKind::kUnavailable);
  return outcome;
}

}  // namespace sleeper::compact
