#include "sleeper/compact/file_run.h"

#include <algorithm>
#include <queue>

#include "sleeper/base/check.h"

namespace sleeper::compact {
namespace {

void Append(FileRun& run, const CompactionInput& input) {
  run.files.push_back(input);
  run.rows += input.rows;
  run.bytes += input.EstimatedBytes();
}

void SortByKey(std::vector<const CompactionInput*>& inputs) {
  std::ranges::stable_sort(
      inputs, {}, [](const CompactionInput* input) -> const model::NormalisedKey& { return input->FirstKey(); });
}

// Which of two runs ends later: the one that the other's successor need not wait for.
bool EndsBefore(const CompactionInput& a, const CompactionInput& b) {
  const bool a_cut = a.interval.upper && *a.interval.upper <= a.file.bounds.max;
  const bool b_cut = b.interval.upper && *b.interval.upper <= b.file.bounds.max;
  const model::NormalisedKey& a_end = a_cut ? *a.interval.upper : a.file.bounds.max;
  const model::NormalisedKey& b_end = b_cut ? *b.interval.upper : b.file.bounds.max;
  // At the same key, an excluded end comes first.
  return a_end != b_end ? a_end < b_end : a_cut && !b_cut;
}

// Puts each file behind the run that ends first, or, if it overlaps even that one, starts a new run: the fewest runs.
std::vector<FileRun> ChainFullFiles(std::vector<const CompactionInput*> files) {
  SortByKey(files);
  std::vector<FileRun> runs;
  auto ends_after = [&runs](size_t a, size_t b) { return EndsBefore(runs[b].files.back(), runs[a].files.back()); };
  std::priority_queue<size_t, std::vector<size_t>, decltype(ends_after)> by_end(ends_after);
  for (const CompactionInput* file : files) {
    size_t run = runs.size();
    if (!by_end.empty() && file->StartsAfter(runs[by_end.top()].files.back())) {
      run = by_end.top();
      by_end.pop();
    } else {
      runs.emplace_back();
    }
    Append(runs[run], *file);
    by_end.push(run);
  }
  return runs;
}

}  // namespace

std::vector<FileRun> MakeRuns(std::span<const CompactionInput> inputs, int64_t file_bytes_target) {
  std::vector<const CompactionInput*> full;
  std::vector<FileRun> runs;
  for (const CompactionInput& input : inputs) {
    if (input.EstimatedBytes() >= file_bytes_target / 2) {
      full.push_back(&input);
    } else {
      Append(runs.emplace_back(), input);
    }
  }
  if (full.size() == 1) {
    // Alone it is a run like any other, and keeps its place among files of as many rows.
    const auto place =
        std::ranges::find_if(inputs, [&](const CompactionInput& input) { return &input == full.front(); });
    Append(*runs.insert(runs.begin() + (place - inputs.begin()), FileRun()), *full.front());
  } else {
    for (FileRun& run : ChainFullFiles(std::move(full))) runs.push_back(std::move(run));
  }
  std::ranges::stable_sort(runs, {}, &FileRun::rows);
  return runs;
}

bool AnyOverlap(std::span<const FileRun> runs) {
  std::vector<const CompactionInput*> files;
  for (const FileRun& run : runs) {
    for (const CompactionInput& file : run.files) files.push_back(&file);
  }
  SortByKey(files);
  // In the order of their first keys, so an overlap of any two implies one of neighbours, unless the earlier file of
  // the two reaches beyond its neighbour: then it overlaps that one first.
  return std::ranges::adjacent_find(files, [](const CompactionInput* earlier, const CompactionInput* later) {
           return !later->StartsAfter(*earlier);
         }) != files.end();
}

int64_t OutputFiles(int64_t bytes, int64_t file_bytes_target) {
  SLEEPER_CHECK(file_bytes_target > 0, "a file must have room", file_bytes_target);
  return std::max<int64_t>(1, bytes / file_bytes_target);
}

}  // namespace sleeper::compact
