#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"

namespace sleeper::rows {

/// Rows in batches. Unless a maker says otherwise the rows are in key order, within and across batches. Confined: one
/// thread at a time. A stream that waits holds the CallContext that it was made with, whose pointees must outlive it.
class RowStream {
 public:
  virtual ~RowStream() = default;

  /// The layout of all batches.
  virtual const std::shared_ptr<const columnar::Layout>& layout() const = 0;

  /// The next batch, which has at least one row; nothing at the end, and again nothing if asked again. After a failure
  /// the stream must only be dropped.
  virtual Result<std::optional<columnar::Batch>> Next() = 0;
};

/// The batches of a vector.
class VectorStream final : public RowStream {
 public:
  VectorStream(std::shared_ptr<const columnar::Layout> layout, std::vector<columnar::Batch> batches)
      : layout_(std::move(layout)), batches_(std::move(batches)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }
  Result<std::optional<columnar::Batch>> Next() override;

 private:
  std::shared_ptr<const columnar::Layout> layout_;
  std::vector<columnar::Batch> batches_;
  size_t next_ = 0;
};

/// All batches that are left in `stream`. For small results: nothing bounds the memory.
Result<std::vector<columnar::Batch>> Collect(RowStream& stream);

}  // namespace sleeper::rows
