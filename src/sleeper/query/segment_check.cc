#include "sleeper/query/segment_check.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sleeper/columnar/key_column.h"
#include "sleeper/columnar/row_filter.h"

namespace sleeper::query {
namespace {

class CheckedStream final : public rows::RowStream {
 public:
  CheckedStream(std::unique_ptr<rows::RowStream> input, const std::vector<PlannedSegment>& segments,
                const std::vector<model::Region>& regions)
      : input_(std::move(input)), segments_(segments), regions_(regions) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return input_->layout(); }

  Result<std::optional<columnar::Batch>> Next() override {
    for (;;) {
      TRY_ASSIGN(const std::optional<columnar::Batch> batch, input_->Next());
      if (!batch) return std::nullopt;
      TRY_ASSIGN(const columnar::RowMask mask, MaskOf(*batch));
      TRY_ASSIGN(columnar::Batch kept, columnar::Keep(*batch, mask));
      if (kept.rows() > 0) return std::optional(std::move(kept));
    }
  }

 private:
  Result<columnar::RowMask> MaskOf(const columnar::Batch& batch) {
    TRY(keys_.EncodeRowKeys(batch));
    columnar::RowMask mask(static_cast<size_t>(batch.rows()), 1);
    for (int64_t begin = 0;;) {
      const int64_t end = EndOfSegment(begin);
      if (begin < end && !segments_[segment_].residual.empty()) {
        TRY(MakeFilter());
        const columnar::RowMask passed = filter_->Mask(batch.Slice(begin, end - begin));
        std::copy(passed.begin(), passed.end(), mask.begin() + begin);
      }
      if (end == batch.rows()) return mask;
      begin = end;
      ++segment_;
      filter_.reset();
    }
  }

  /// The first row, from `begin` on, that belongs to a later segment.
  int64_t EndOfSegment(int64_t begin) const {
    if (segment_ + 1 == segments_.size()) return keys_.rows();
    return std::max(begin, keys_.LowerBound(segments_[segment_ + 1].intervals.front().lower));
  }

  Status MakeFilter() {
    if (filter_) return Status::OK();
    std::vector<model::Region> wanted;
    for (const uint32_t region : segments_[segment_].residual) wanted.push_back(regions_[region]);
    TRY_ASSIGN(filter_, columnar::RegionFilter::Make(*input_->layout(), wanted));
    return Status::OK();
  }

  const std::unique_ptr<rows::RowStream> input_;
  const std::vector<PlannedSegment>& segments_;
  const std::vector<model::Region>& regions_;
  columnar::KeyColumn keys_;
  /// The segment that the next row belongs to, or one before it.
  size_t segment_ = 0;
  /// Of that segment, once it was needed.
  std::optional<columnar::RegionFilter> filter_;
};

}  // namespace

std::unique_ptr<rows::RowStream> CheckSegments(std::unique_ptr<rows::RowStream> input,
                                               const std::vector<PlannedSegment>& segments,
                                               const std::vector<model::Region>& regions) {
  return std::make_unique<CheckedStream>(std::move(input), segments, regions);
}

}  // namespace sleeper::query
