#include "sleeper/sort/merged_pages.h"

#include <algorithm>
#include <utility>

namespace sleeper::sort {

Result<std::unique_ptr<SortedRows>> MergedPages::Open(std::vector<SpillRun> runs, int64_t window_bytes_max,
                                                      const CallContext& call) {
  auto merged = std::make_unique<MergedPages>(Opened(), std::move(runs));
  const auto decoder = file::MakePageDecoder();
  for (size_t i = 0; i < merged->inputs_.size(); ++i) {
    Input& input = merged->inputs_[i];
    TRY_ASSIGN(
        input.pages,
        input.run->file().OpenPages(
            {.interval = model::KeyInterval::All(), .window_bytes_max = window_bytes_max, .decoder = decoder}, call));
    TRY(merged->Refill(i));
  }
  return merged;
}

MergedPages::MergedPages(Opened, std::vector<SpillRun> runs)
    : heads_(runs.size(), nullptr), plan_(static_cast<int>(runs.size())) {
  for (SpillRun& run : runs) inputs_.push_back({.run = std::move(run), .pages = nullptr});
}

Status MergedPages::Refill(size_t index) {
  Input& input = inputs_[index];
  TRY_ASSIGN(const bool more, input.pages->Next());
  if (more) {
    heads_[index] = input.pages.get();
    return plan_.Feed(static_cast<int>(index), input.pages->keys());
  }
  heads_[index] = nullptr;
  input.pages.reset();
  input.run.reset();
  plan_.End(static_cast<int>(index));
  return Status::OK();
}

Result<bool> MergedPages::Plan() {
  if (step_.rows() > 0) return true;
  // Its window is replaced only now, when all its rows were written.
  if (step_.starved_input >= 0) TRY(Refill(static_cast<size_t>(std::exchange(step_.starved_input, -1))));
  step_ = plan_.Next(kStepRowsMax);
  return step_.rows() > 0;
}

Result<std::optional<std::string_view>> MergedPages::NextRowKey() {
  TRY_ASSIGN(const bool more, Plan());
  if (!more) return std::nullopt;
  const file::PageInput& head =
      *heads_[step_.sources.empty() ? static_cast<size_t>(step_.run_input) : step_.sources.front()];
  return std::optional(head.keys().row_key(head.taken()));
}

int64_t MergedPages::RowsBelow(int64_t rows_max, std::string_view upper) const {
  if (step_.sources.empty()) {
    const file::PageInput& head = *heads_[static_cast<size_t>(step_.run_input)];
    return std::min(rows_max, std::max<int64_t>(0, head.keys().LowerBound(upper) - head.taken()));
  }
  // Rows below the bound are each input's first ones, and so the step's.
  std::vector<int64_t> below(heads_.size(), 0);
  for (size_t i = 0; i < heads_.size(); ++i) {
    if (heads_[i] != nullptr) below[i] = heads_[i]->keys().LowerBound(upper) - heads_[i]->taken();
  }
  int64_t rows = 0;
  while (rows < rows_max && below[step_.sources[static_cast<size_t>(rows)]]-- > 0) ++rows;
  return rows;
}

Result<int64_t> MergedPages::WriteTo(file::DataFileWriter& writer, const std::optional<model::NormalisedKey>& upper) {
  TRY_ASSIGN(const bool more, Plan());
  if (!more) return 0;
  int64_t rows = std::min(step_.rows(), writer.step_rows_max());
  if (upper) rows = RowsBelow(rows, *upper);
  if (rows == 0) return 0;
  rows::MergeStep now = step_;
  if (step_.sources.empty()) {
    now.run_rows = rows;
    step_.run_rows -= rows;
  } else {
    now.sources = step_.sources.first(static_cast<size_t>(rows));
    step_.sources = step_.sources.subspan(static_cast<size_t>(rows));
    if (step_.sources.empty()) step_.run_rows = 0;
  }
  TRY(writer.Write(heads_, now));
  return rows;
}

}  // namespace sleeper::sort
