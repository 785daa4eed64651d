#include "sleeper/split/find_split_points.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sleeper/base/task_group.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/file/choose_split_points.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/state/layout.h"

namespace sleeper::split {
namespace {

/// Files that are read at the same time.
constexpr int kFilesReadMax = 16;

/// With fewer pages for each part, cuts at pages would miss the middle by too much, and keys are read.
constexpr int64_t kPagesPerPartMin = 8;

/// Keys that are kept of those that are read, for each part.
constexpr int64_t kKeysPerPart = 128;

/// What files tell of an interval.
struct SampledKeys {
  std::vector<file::KeySample> samples;
  int64_t rows = 0;

  void Add(SampledKeys other) {
    std::move(other.samples.begin(), other.samples.end(), std::back_inserter(samples));
    rows += other.rows;
  }
};

/// The files of one candidate, open. Confined.
class CandidateFiles {
 public:
  CandidateFiles(Executor& executor, const SplitCandidate& candidate, const CallContext& call)
      : executor_(executor), candidate_(candidate), call_(call), readers_(candidate.files.size()) {}

  Status Open(store::ObjectStore& store, const model::TableId& table,
              const std::shared_ptr<const columnar::Layout>& layout) {
    return ForEachFile([&](size_t i) -> Status {
      const model::FileRecord& file = candidate_.files[i].file;
      TRY_ASSIGN(readers_[i], file::DataFileReader::Open(store, state::DataFilePath(table, file.id), file.size_bytes,
                                                         file.tail_bytes, layout, call_));
      return Status::OK();
    });
  }

  SampledKeys SampleIndexes() const {
    SampledKeys keys;
    for (size_t i = 0; i < readers_.size(); ++i) keys.Add(SampleIndex(i));
    return keys;
  }

  /// Keeps the key of every row that begins a group of `group_rows`.
  Result<SampledKeys> SampleRows(int64_t group_rows) const {
    std::vector<SampledKeys> of_files(readers_.size());
    TRY(ForEachFile([&](size_t i) -> Status {
      TRY_ASSIGN(of_files[i], SampleRowsOf(i, group_rows));
      return Status::OK();
    }));
    SampledKeys keys;
    for (SampledKeys& of_file : of_files) keys.Add(std::move(of_file));
    return keys;
  }

  /// The rows of the candidate, given those that its files have in it. The files that were not looked at are taken to
  /// be miscounted by as much as those that were.
  int64_t RowsOfCandidate(int64_t rows_of_files) const {
    if (candidate_.rows_exact) return candidate_.rows;
    int64_t counted = 0;
    for (const state::ReferencedFile& file : candidate_.files) counted += file.reference.rows;
    if (counted == 0) return candidate_.rows;
    const double miscount = static_cast<double>(rows_of_files) / static_cast<double>(counted);
    return rows_of_files + static_cast<int64_t>(static_cast<double>(candidate_.rows - counted) * miscount);
  }

 private:
  template <typename Body>
  Status ForEachFile(const Body& body) const {
    return ParallelFor(executor_, static_cast<int64_t>(readers_.size()), kFilesReadMax,
                       [&](int64_t i) { return body(static_cast<size_t>(i)); });
  }

  SampledKeys SampleIndex(size_t i) const {
    const model::KeyInterval& interval = candidate_.files[i].reference.interval;
    return {file::SamplesWithin(*readers_[i], interval), readers_[i]->EstimateRows(interval)};
  }

  Result<SampledKeys> SampleRowsOf(size_t i, int64_t group_rows) const {
    const file::DataFileReader& reader = *readers_[i];
    file::ScanRequest scan;
    scan.intervals = {candidate_.files[i].reference.interval};
    std::vector<std::string> names;
    for (const model::Field& field : reader.layout()->schema().row_key_fields()) names.push_back(field.name);
    TRY_ASSIGN(scan.layout, reader.layout()->Select(names));
    const auto rows = reader.Scan(scan, call_);
    SampledKeys sampled;
    columnar::KeyColumn keys;
    for (;;) {
      TRY_ASSIGN(const std::optional<columnar::Batch> batch, rows->Next());
      if (!batch) return sampled;
      TRY(keys.EncodeRowKeys(*batch));
      for (int64_t row = 0; row < keys.rows(); ++row) {
        if (sampled.rows++ % group_rows == 0) sampled.samples.push_back({std::string(keys.row_key(row)), 0});
        ++sampled.samples.back().rows;
      }
    }
  }

  Executor& executor_;
  const SplitCandidate& candidate_;
  const CallContext& call_;
  std::vector<std::shared_ptr<const file::DataFileReader>> readers_;
};

}  // namespace

Result<SplitPoints> FindSplitPoints(store::ObjectStore& store, Executor& executor, const model::TableId& table,
                                    const std::shared_ptr<const columnar::Layout>& layout,
                                    const SplitCandidate& candidate, const SplitPolicy& policy,
                                    const CallContext& call) {
  CandidateFiles files(executor, candidate, call);
  TRY(files.Open(store, table, layout));
  SampledKeys keys = files.SampleIndexes();
  SplitPoints result{.points = {}, .rows = files.RowsOfCandidate(keys.rows)};
  const int64_t parts = std::max<int64_t>(2, PartsOf(result.rows, policy));
  if (static_cast<int64_t>(keys.samples.size()) < parts * kPagesPerPartMin) {
    const int64_t group_rows = std::max<int64_t>(1, keys.rows / (parts * kKeysPerPart));
    TRY_ASSIGN(keys, files.SampleRows(group_rows));
    result.rows = files.RowsOfCandidate(keys.rows);
  }
  result.points = file::ChooseSplitPoints(layout->schema().row_key_fields(), candidate.partition.interval,
                                          std::move(keys.samples), PartsOf(result.rows, policy));
  return result;
}

}  // namespace sleeper::split
