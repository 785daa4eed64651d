#include "sleeper/rows/merge.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/columnar/gather.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/rows/merge_plan.h"

namespace sleeper::rows {
namespace {

/// Carries out what a MergePlan decides: feeds it keys, and gathers the rows of its steps column by column.
class MergeStream final : public RowStream {
 public:
  MergeStream(std::shared_ptr<const columnar::Layout> layout, std::vector<std::unique_ptr<RowStream>> inputs,
              const MergeSettings& settings)
      : layout_(std::move(layout)),
        settings_(settings),
        plan_(static_cast<int>(inputs.size())),
        gather_(layout_),
        cursors_(inputs.size()) {
    for (auto& stream : inputs) inputs_.push_back({.stream = std::move(stream)});
  }

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }

  Result<std::optional<columnar::Batch>> Next() override {
    if (!started_) {
      started_ = true;
      for (size_t input = 0; input < inputs_.size(); ++input) TRY(Refill(input));
    }
    while (gather_.rows() < settings_.batch_rows_max && gather_.bytes() < settings_.batch_bytes_max) {
      // A step reads no row beyond an input's batch, so its rows are gathered before any batch is replaced.
      const MergeStep step = plan_.Next(settings_.batch_rows_max - gather_.rows());
      if (step.rows() == 0) break;
      TRY(Take(step));
      if (step.starved_input >= 0) TRY(Refill(static_cast<size_t>(step.starved_input)));
    }
    if (gather_.rows() == 0) return std::nullopt;
    TRY_ASSIGN(columnar::Batch batch, gather_.Finish());
    return std::optional(std::move(batch));
  }

 private:
  struct Input {
    std::unique_ptr<RowStream> stream;
    std::optional<columnar::Batch> batch;
    columnar::KeyColumn keys;
  };

  Status Take(const MergeStep& step) {
    if (!step.sources.empty()) return gather_.AppendInterleaved(cursors_, step.sources);
    columnar::Gather::Cursor& cursor = cursors_[static_cast<size_t>(step.run_input)];
    TRY(gather_.AppendRun(*cursor.batch, cursor.next, step.run_rows));
    cursor.next += step.run_rows;
    return Status::OK();
  }

  Status Refill(size_t index) {
    Input& input = inputs_[index];
    input.batch.reset();
    TRY_ASSIGN(input.batch, input.stream->Next());
    if (!input.batch) {
      cursors_[index] = {};
      input.stream.reset();
      plan_.End(static_cast<int>(index));
      return Status::OK();
    }
    TRY(input.keys.Encode(*input.batch));
    cursors_[index] = {&*input.batch, 0};
    return plan_.Feed(static_cast<int>(index), input.keys);
  }

  std::shared_ptr<const columnar::Layout> layout_;
  MergeSettings settings_;
  MergePlan plan_;
  columnar::Gather gather_;
  std::vector<Input> inputs_;
  std::vector<columnar::Gather::Cursor> cursors_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<RowStream> Merge(std::shared_ptr<const columnar::Layout> layout,
                                 std::vector<std::unique_ptr<RowStream>> inputs, const MergeSettings& settings) {
  SLEEPER_CHECK(layout->has_keys(), "a merge of batches that lack key columns");
  for (const auto& input : inputs)
    SLEEPER_CHECK(*input->layout() == *layout, "inputs of a merge differ in their layout");
  if (inputs.empty()) return std::make_unique<VectorStream>(std::move(layout), std::vector<columnar::Batch>());
  // In rounds: neighbours are merged first, so that rows of equal keys keep the order of the inputs.
  while (inputs.size() > MergePlan::kInputsMax) {
    std::vector<std::unique_ptr<RowStream>> merged;
    for (size_t begin = 0; begin < inputs.size(); begin += MergePlan::kInputsMax) {
      const size_t end = std::min(inputs.size(), begin + MergePlan::kInputsMax);
      std::vector<std::unique_ptr<RowStream>> group(
          std::make_move_iterator(inputs.begin() + static_cast<ptrdiff_t>(begin)),
          std::make_move_iterator(inputs.begin() + static_cast<ptrdiff_t>(end)));
      merged.push_back(std::make_unique<MergeStream>(layout, std::move(group), settings));
    }
    inputs = std::move(merged);
  }
  return std::make_unique<MergeStream>(std::move(layout), std::move(inputs), settings);
}

}  // namespace sleeper::rows
