#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sleeper/file/page_input.h"
#include "sleeper/rows/merge_plan.h"
#include "sleeper/sort/sorted_rows.h"
#include "sleeper/sort/spill_run.h"

namespace sleeper::sort {

/// The rows of several runs in key order, those of equal keys in the order of the runs. They are merged straight from
/// their pages into those of the file that is written, as compactions do. A run goes when its rows were read. Confined.
class MergedPages final : public SortedRows {
  /// Only Open can make one.
  struct Opened {};

 public:
  /// `window_bytes_max` is what is fetched of each run at a time. REQUIRES: 1 <= runs.size() <= MergePlan::kInputsMax.
  static Result<std::unique_ptr<SortedRows>> Open(std::vector<SpillRun> runs, int64_t window_bytes_max,
                                                  const CallContext& call);
  MergedPages(Opened, std::vector<SpillRun> runs);

  Result<std::optional<std::string_view>> NextRowKey() override;
  Result<int64_t> WriteTo(file::DataFileWriter& writer, const std::optional<model::NormalisedKey>& upper) override;
  int64_t bytes() const override { return 0; }

 private:
  static constexpr int64_t kStepRowsMax = 8192;

  struct Input {
    /// Dropped at its end.
    std::optional<SpillRun> run;
    std::unique_ptr<file::PageInput> pages;
  };

  /// Makes `step_` hold rows that are planned and not yet written; false at the end.
  Result<bool> Plan();
  Status Refill(size_t index);
  /// How many of the step's first `rows_max` rows have row keys less than `upper`.
  int64_t RowsBelow(int64_t rows_max, std::string_view upper) const;

  std::vector<Input> inputs_;
  /// Where each input stands; null if it has ended.
  std::vector<file::PageInput*> heads_;
  rows::MergePlan plan_;
  /// What is left of the plan's last step.
  rows::MergeStep step_;
};

}  // namespace sleeper::sort
