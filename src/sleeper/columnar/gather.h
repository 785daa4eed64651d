#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"

namespace sleeper::columnar {

class BufferRecycler;
class GatherColumn;

/// A row of one of several batches.
struct RowAddress {
  uint32_t batch = 0;
  uint32_t row = 0;
};

/// Builds batches out of the rows of others, column by column, so that each value is copied once and nothing is
/// allocated per row. Memory of a finished batch is used again once nobody holds the batch any more. Confined.
///
/// The rows to take are given in one of three forms, and may be mixed within one batch; rows appear in the order of the
/// calls.
class Gather {
 public:
  explicit Gather(std::shared_ptr<const Layout> layout);
  ~Gather();
  Gather(Gather&&) noexcept;
  Gather& operator=(Gather&&) noexcept;

  /// An input of AppendInterleaved: its rows are taken one after the other, from `next` on.
  struct Cursor {
    const Batch* batch = nullptr;
    int64_t next = 0;
  };

  /// Appends sources.size() rows: row i is the next one of inputs[sources[i]], whose cursor moves on.
  /// kInvalid if a column would take 2 GiB or more.
  Status AppendInterleaved(std::span<Cursor> inputs, std::span<const uint8_t> sources);

  /// Appends the rows [offset, offset + rows) of `batch`.
  Status AppendRun(const Batch& batch, int64_t offset, int64_t rows);

  /// Appends the addressed rows.
  Status AppendRows(std::span<const Batch> batches, std::span<const RowAddress> rows);

  int64_t rows() const;

  /// The bytes of values appended since the last Finish.
  int64_t bytes() const;

  /// The rows appended since the last Finish.
  Result<Batch> Finish();

 private:
  std::shared_ptr<const Layout> layout_;
  /// Held so that memory of finished batches finds its way back.
  std::shared_ptr<BufferRecycler> recycler_;
  std::vector<std::unique_ptr<GatherColumn>> columns_;
  int64_t rows_ = 0;
};

}  // namespace sleeper::columnar
