#include "sleeper/split/find_split_points.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/task_group.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/split/choose_split_points.h"
#include "sleeper/state/layout.h"

namespace sleeper::split {
namespace {

/// Indexes of files that are read at the same time.
constexpr int kFilesReadMax = 16;

/// What one file tells of an interval.
struct FileSamples {
  std::vector<file::KeySample> samples;
  int64_t rows = 0;
};

Result<FileSamples> SamplesOf(store::ObjectStore& store, const model::TableId& table,
                              const std::shared_ptr<const columnar::Layout>& layout, const state::ReferencedFile& file,
                              const CallContext& call) {
  TRY_ASSIGN(const auto reader, file::DataFileReader::Open(store, state::DataFilePath(table, file.file.id),
                                                           file.file.size_bytes, file.file.tail_bytes, layout, call));
  const model::KeyInterval& interval = file.reference.interval;
  FileSamples result{reader->page_keys(), reader->EstimateRows(interval)};
  // The sample in front of the interval reaches into it: its rows are there, from the interval's lower end on.
  auto first = std::lower_bound(result.samples.begin(), result.samples.end(), interval.lower,
                                [](const file::KeySample& sample, const auto& key) { return sample.key < key; });
  if (first != result.samples.begin() && (first == result.samples.end() || first->key > interval.lower)) {
    --first;
    first->key = interval.lower;
  }
  result.samples.erase(result.samples.begin(), first);
  std::erase_if(result.samples, [&](const file::KeySample& sample) { return !interval.Contains(sample.key); });
  return result;
}

}  // namespace

Result<SplitPoints> FindSplitPoints(store::ObjectStore& store, Executor& executor, const model::TableId& table,
                                    const std::shared_ptr<const columnar::Layout>& layout,
                                    const SplitCandidate& candidate, const SplitPolicy& policy,
                                    const CallContext& call) {
  std::vector<FileSamples> of_files(candidate.files.size());
  TRY(ParallelFor(executor, static_cast<int64_t>(candidate.files.size()), kFilesReadMax, [&](int64_t i) -> Status {
    const auto index = static_cast<size_t>(i);
    TRY_ASSIGN(of_files[index], SamplesOf(store, table, layout, candidate.files[index], call));
    return Status::OK();
  }));

  std::vector<file::KeySample> samples;
  int64_t counted = 0;
  int64_t estimated = 0;
  for (size_t i = 0; i < of_files.size(); ++i) {
    counted += candidate.files[i].reference.rows;
    estimated += of_files[i].rows;
    std::move(of_files[i].samples.begin(), of_files[i].samples.end(), std::back_inserter(samples));
  }
  SplitPoints result{.points = {}, .rows = candidate.rows};
  // The files that were not looked at are taken to be miscounted by as much as those that were.
  if (!candidate.rows_exact && counted > 0) {
    result.rows = static_cast<int64_t>(static_cast<double>(candidate.rows) * static_cast<double>(estimated) /
                                       static_cast<double>(counted));
  }
  result.points = ChooseSplitPoints(layout->schema().row_key_fields(), candidate.partition.interval, std::move(samples),
                                    PartsOf(result.rows, policy));
  return result;
}

}  // namespace sleeper::split
