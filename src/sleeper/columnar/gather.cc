#include "sleeper/columnar/gather.h"

#include <array>
#include <utility>

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/gather_column.h"
#include "sleeper/columnar/growing_buffer.h"

namespace sleeper::columnar {
namespace {

/// A source is one byte.
constexpr size_t kInputsMax = 256;

std::array<int64_t, kInputsMax> CountOf(std::span<const uint8_t> sources) {
  std::array<int64_t, kInputsMax> counts{};
  for (const uint8_t source : sources) ++counts[source];
  return counts;
}

}  // namespace

Gather::Gather(std::shared_ptr<const Layout> layout) : layout_(std::move(layout)) {
  const std::shared_ptr<BufferRecycler> recycler = BufferRecycler::Make();
  recycler_ = recycler;
  for (const auto& field : layout_->arrow_schema()->fields())
    columns_.push_back(GatherColumn::Make(field->type(), recycler));
}

Gather::~Gather() = default;
Gather::Gather(Gather&&) noexcept = default;
Gather& Gather::operator=(Gather&&) noexcept = default;

Status Gather::AppendInterleaved(std::span<Cursor> inputs, std::span<const uint8_t> sources) {
  SLEEPER_CHECK(inputs.size() <= kInputsMax, "inputs of a gather: ", inputs.size());
  const std::array<int64_t, kInputsMax> counts = CountOf(sources);
  std::array<GatherInput, kInputsMax> views;
  for (size_t column = 0; column < columns_.size(); ++column) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (counts[i] == 0) continue;
      const arrow::ArrayData& array = *inputs[i].batch->arrow()->column_data(static_cast<int>(column));
      views[i] = {&array, inputs[i].next, counts[i]};
    }
    TRY(columns_[column]->AppendInterleaved(std::span(views).first(inputs.size()), sources));
  }
  for (size_t i = 0; i < inputs.size(); ++i) inputs[i].next += counts[i];
  rows_ += static_cast<int64_t>(sources.size());
  return Status::OK();
}

Status Gather::AppendRun(const Batch& batch, int64_t offset, int64_t rows) {
  for (size_t column = 0; column < columns_.size(); ++column) {
    TRY(columns_[column]->AppendRun(*batch.arrow()->column_data(static_cast<int>(column)), offset, rows));
  }
  rows_ += rows;
  return Status::OK();
}

Status Gather::AppendRows(std::span<const Batch> batches, std::span<const RowAddress> rows) {
  std::vector<const arrow::ArrayData*> arrays(batches.size());
  for (size_t column = 0; column < columns_.size(); ++column) {
    for (size_t i = 0; i < batches.size(); ++i) {
      arrays[i] = batches[i].arrow()->column_data(static_cast<int>(column)).get();
    }
    TRY(columns_[column]->AppendRows(arrays, rows));
  }
  rows_ += static_cast<int64_t>(rows.size());
  return Status::OK();
}

int64_t Gather::rows() const { return rows_; }

int64_t Gather::bytes() const {
  int64_t bytes = 0;
  for (const auto& column : columns_) bytes += column->bytes();
  return bytes;
}

Result<Batch> Gather::Finish() {
  std::vector<std::shared_ptr<arrow::ArrayData>> columns;
  for (const auto& column : columns_) {
    TRY_ASSIGN(auto finished, column->Finish());
    columns.push_back(std::move(finished));
  }
  const int64_t rows = std::exchange(rows_, 0);
  return Batch::Trusted(layout_, arrow::RecordBatch::Make(layout_->arrow_schema(), rows, std::move(columns)));
}

}  // namespace sleeper::columnar
