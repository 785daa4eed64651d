#include "sleeper/exchange/flat_row_group.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/type.h>

namespace sleeper::exchange {
namespace {

/// What the rows [begin, begin + rows) of a page take in an array.
int64_t BytesOfValues(const file::FlatValues& values, file::PhysicalType type, int64_t begin, int64_t rows) {
  if (type != file::PhysicalType::kByteArray) return rows * file::WidthOf(type);
  int64_t bytes = rows * static_cast<int64_t>(sizeof(int32_t));
  for (int64_t i = begin; i < begin + rows; ++i) bytes += values.views[i].size;
  return bytes;
}

/// Integers as narrow ones are read: only their lowest bits count.
Result<std::shared_ptr<arrow::Buffer>> Narrowed(const arrow::ArrayData& values, const FlatColumn& column) {
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> narrow, arrow::AllocateBuffer(values.buffers[1]->size()));
  const auto* const in = values.buffers[1]->data_as<uint32_t>();
  auto* const out = narrow->mutable_data_as<uint32_t>();
  const int shift = 32 - column.narrow_bits;
  for (int64_t i = 0; i < values.length; ++i) {
    const uint32_t raised = in[i] << shift;
    out[i] = column.is_signed ? static_cast<uint32_t>(static_cast<int32_t>(raised) >> shift) : raised >> shift;
  }
  return narrow;
}

}  // namespace

FlatRowGroup::FlatRowGroup(std::vector<FlatColumn> columns, const Bounds& bounds)
    : columns_(std::move(columns)), bounds_(bounds) {
  const auto decoder = std::make_shared<file::PageDecoder>();
  const auto recycler = columnar::BufferRecycler::Make();
  for (const FlatColumn& column : columns_) {
    leaves_.push_back({PageStream(decoder), file::ValueSink::Make(column.shape.type, recycler)});
  }
}

FlatRowGroup::~FlatRowGroup() = default;
FlatRowGroup::FlatRowGroup(FlatRowGroup&&) noexcept = default;

void FlatRowGroup::Start(const std::vector<FlatChunk>& chunks, InputSource& source, TellAhead tell,
                         const CallContext& call) {
  std::vector<ByteRange> ranges;
  for (const FlatChunk& chunk : chunks) ranges.push_back(chunk.bytes);
  const auto reads = std::make_shared<ChunkReads>(source, std::move(ranges), tell, call);
  for (size_t i = 0; i < leaves_.size(); ++i) {
    leaves_[i].pages.Start({.reads = reads,
                            .number = i,
                            .codec = chunks[i].codec,
                            .shape = columns_[i].shape,
                            .page_bytes_max = bounds_.page_bytes_max});
    leaves_[i].taken = 0;
  }
  at_start_ = true;
}

int64_t FlatRowGroup::BytesOf(int64_t rows) const {
  int64_t bytes = 0;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    bytes += BytesOfValues(leaves_[i].pages.page().values(), columns_[i].shape.type, leaves_[i].taken, rows);
  }
  return bytes;
}

Result<FlatRowGroup::Run> FlatRowGroup::NextRun(int64_t rows_max, int64_t bytes_max) {
  Run run{.rows = rows_max};
  for (size_t i = 0; i < leaves_.size(); ++i) {
    Leaf& leaf = leaves_[i];
    if (at_start_ || leaf.left() == 0) {
      const Status loaded = leaf.pages.Load();
      if (!loaded.ok()) {
        const std::string page = std::to_string(leaf.pages.pages());
        return WithContext(loaded, "column " + columns_[i].name + ", page " + page);
      }
      leaf.taken = 0;
    }
    run.rows = std::min(run.rows, leaf.left());
  }
  at_start_ = false;
  run.bytes = BytesOf(run.rows);
  while (run.bytes > bytes_max && run.rows > 1) {
    run.rows /= 2;
    run.bytes = BytesOf(run.rows);
  }
  return run;
}

Result<std::shared_ptr<arrow::Array>> FlatRowGroup::Finish(size_t i) {
  const FlatColumn& column = columns_[i];
  TRY_ASSIGN(std::shared_ptr<arrow::ArrayData> values, leaves_[i].sink->Finish(column.type));
  if (column.narrow_bits > 0) {
    TRY_ASSIGN(values->buffers[1], Narrowed(*values, column));
  }
  return arrow::MakeArray(std::move(values));
}

Result<std::vector<std::shared_ptr<arrow::Array>>> FlatRowGroup::Next(int64_t rows_max) {
  rows_max = std::min(rows_max, bounds_.batch_rows_max);
  int64_t rows = 0;
  int64_t bytes = 0;
  while (rows < rows_max) {
    TRY_ASSIGN(const Run run, NextRun(rows_max - rows, bounds_.batch_bytes_max - bytes));
    if (rows > 0 && bytes + run.bytes > bounds_.batch_bytes_max) break;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      TRY(leaves_[i].sink->Append(leaves_[i].pages.page().values(), leaves_[i].taken, run.rows));
      leaves_[i].taken += run.rows;
    }
    rows += run.rows;
    bytes += run.bytes;
  }
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    TRY_ASSIGN(arrays.emplace_back(), Finish(i));
  }
  return arrays;
}

}  // namespace sleeper::exchange
