#include "sleeper/rows/transforms.h"

#include <algorithm>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/columnar/key_column.h"

namespace sleeper::rows {
namespace {

class FilteredStream final : public RowStream {
 public:
  FilteredStream(std::unique_ptr<RowStream> input, columnar::RegionFilter filter)
      : input_(std::move(input)), filter_(std::move(filter)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return input_->layout(); }

  Result<std::optional<columnar::Batch>> Next() override {
    for (;;) {
      TRY_ASSIGN(const std::optional<columnar::Batch> batch, input_->Next());
      if (!batch) return std::nullopt;
      TRY_ASSIGN(columnar::Batch kept, columnar::Keep(*batch, filter_.Mask(*batch)));
      if (kept.rows() > 0) return std::optional(std::move(kept));
    }
  }

 private:
  std::unique_ptr<RowStream> input_;
  columnar::RegionFilter filter_;
};

class RestrictedStream final : public RowStream {
 public:
  RestrictedStream(std::unique_ptr<RowStream> input, model::KeyInterval interval)
      : input_(std::move(input)), interval_(std::move(interval)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return input_->layout(); }

  Result<std::optional<columnar::Batch>> Next() override {
    while (!passed_) {
      TRY_ASSIGN(const std::optional<columnar::Batch> batch, input_->Next());
      if (!batch) break;
      TRY(keys_.EncodeRowKeys(*batch));
      const int64_t begin = keys_.LowerBound(interval_.lower);
      const int64_t end = interval_.upper ? keys_.LowerBound(*interval_.upper) : batch->rows();
      passed_ = end < batch->rows();
      if (begin < end) return std::optional(batch->Slice(begin, end - begin));
    }
    return std::nullopt;
  }

 private:
  std::unique_ptr<RowStream> input_;
  model::KeyInterval interval_;
  columnar::KeyColumn keys_;
  bool passed_ = false;
};

class ProjectedStream final : public RowStream {
 public:
  ProjectedStream(std::unique_ptr<RowStream> input, std::shared_ptr<const columnar::Layout> layout)
      : input_(std::move(input)), layout_(std::move(layout)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }

  Result<std::optional<columnar::Batch>> Next() override {
    TRY_ASSIGN(const std::optional<columnar::Batch> batch, input_->Next());
    if (!batch) return std::nullopt;
    return std::optional(batch->Project(layout_));
  }

 private:
  std::unique_ptr<RowStream> input_;
  std::shared_ptr<const columnar::Layout> layout_;
};

class LimitedStream final : public RowStream {
 public:
  LimitedStream(std::unique_ptr<RowStream> input, int64_t rows_max) : input_(std::move(input)), rows_left_(rows_max) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return input_->layout(); }

  Result<std::optional<columnar::Batch>> Next() override {
    if (rows_left_ <= 0) return std::nullopt;
    TRY_ASSIGN(const std::optional<columnar::Batch> batch, input_->Next());
    if (!batch) return std::nullopt;
    const int64_t rows = std::min(rows_left_, batch->rows());
    rows_left_ -= rows;
    return std::optional(batch->Slice(0, rows));
  }

 private:
  std::unique_ptr<RowStream> input_;
  int64_t rows_left_;
};

}  // namespace

Result<std::unique_ptr<RowStream>> FilterRegions(std::unique_ptr<RowStream> input,
                                                 std::span<const model::Region> regions) {
  TRY_ASSIGN(columnar::RegionFilter filter, columnar::RegionFilter::Make(*input->layout(), regions));
  return std::make_unique<FilteredStream>(std::move(input), std::move(filter));
}

std::unique_ptr<RowStream> Restrict(std::unique_ptr<RowStream> input, model::KeyInterval interval) {
  SLEEPER_CHECK(input->layout()->has_row_keys(), "an interval of a stream that lacks row keys");
  return std::make_unique<RestrictedStream>(std::move(input), std::move(interval));
}

std::unique_ptr<RowStream> Project(std::unique_ptr<RowStream> input, std::shared_ptr<const columnar::Layout> layout) {
  return std::make_unique<ProjectedStream>(std::move(input), std::move(layout));
}

std::unique_ptr<RowStream> Limit(std::unique_ptr<RowStream> input, int64_t rows_max) {
  return std::make_unique<LimitedStream>(std::move(input), rows_max);
}

}  // namespace sleeper::rows
