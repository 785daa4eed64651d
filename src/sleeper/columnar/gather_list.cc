#include <array>
#include <utility>
#include <vector>

#include <arrow/array/data.h>
#include <arrow/type.h>

#include "sleeper/columnar/gather_column.h"

namespace sleeper::columnar {
namespace {

/// The pair of a map's entry: never null itself.
class EntryColumn final : public GatherColumn {
 public:
  EntryColumn(std::shared_ptr<arrow::DataType> type, const std::shared_ptr<BufferRecycler>& recycler)
      : type_(std::move(type)) {
    for (const auto& field : type_->fields()) parts_.push_back(Make(field->type(), recycler));
  }

  Status AppendInterleaved(std::span<const GatherInput>, std::span<const uint8_t>) override {
    return Error(ErrorKind::kInternal, "entries of maps are appended in runs");
  }

  Status AppendRun(const arrow::ArrayData& array, int64_t offset, int64_t rows) override {
    for (size_t part = 0; part < parts_.size(); ++part) {
      TRY(parts_[part]->AppendRun(*array.child_data[part], array.offset + offset, rows));
    }
    rows_ += rows;
    return Status::OK();
  }

  Status AppendRows(std::span<const arrow::ArrayData* const>, std::span<const RowAddress>) override {
    return Error(ErrorKind::kInternal, "entries of maps are appended in runs");
  }

  int64_t bytes() const override {
    int64_t bytes = 0;
    for (const auto& part : parts_) bytes += part->bytes();
    return bytes;
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() override {
    std::vector<std::shared_ptr<arrow::ArrayData>> parts;
    for (const auto& part : parts_) {
      TRY_ASSIGN(auto finished, part->Finish());
      parts.push_back(std::move(finished));
    }
    return arrow::ArrayData::Make(type_, std::exchange(rows_, 0), {nullptr}, std::move(parts), /*null_count=*/0);
  }

 private:
  std::shared_ptr<arrow::DataType> type_;
  std::vector<std::unique_ptr<GatherColumn>> parts_;
  int64_t rows_ = 0;
};

/// Lists and maps: a row is a run of the child column.
class ListColumn final : public GatherColumn {
 public:
  ListColumn(std::shared_ptr<arrow::DataType> type, const std::shared_ptr<BufferRecycler>& recycler)
      : type_(std::move(type)), validity_(recycler), offsets_(recycler) {
    const std::shared_ptr<arrow::DataType>& child = type_->field(0)->type();
    if (type_->id() == arrow::Type::MAP) {
      child_ = std::make_unique<EntryColumn>(child, recycler);
    } else {
      child_ = Make(child, recycler);
    }
  }

  Status AppendInterleaved(std::span<const GatherInput> inputs, std::span<const uint8_t> sources) override {
    TRY(validity_.AppendInterleaved(inputs, sources));
    std::array<int64_t, 256> positions{};
    for (size_t i = 0; i < inputs.size(); ++i) positions[i] = inputs[i].next;
    for (const uint8_t source : sources) TRY(AppendElements(*inputs[source].array, positions[source]++, 1));
    return Status::OK();
  }

  Status AppendRun(const arrow::ArrayData& array, int64_t offset, int64_t rows) override {
    TRY(validity_.AppendRun(array, offset, rows));
    return AppendElements(array, offset, rows);
  }

  Status AppendRows(std::span<const arrow::ArrayData* const> arrays, std::span<const RowAddress> rows) override {
    TRY(validity_.AppendRows(arrays, rows));
    for (const RowAddress row : rows) TRY(AppendElements(*arrays[row.batch], row.row, 1));
    return Status::OK();
  }

  int64_t bytes() const override { return child_->bytes() + offsets_.size() * static_cast<int64_t>(sizeof(int32_t)); }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() override {
    TRY(Begin(0));
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto offsets, offsets_.Finish());
    TRY_ASSIGN(auto child, child_->Finish());
    elements_ = 0;
    return arrow::ArrayData::Make(type_, validity.rows, {std::move(validity.bitmap), std::move(offsets)},
                                  {std::move(child)}, validity.nulls);
  }

 private:
  Status Begin(int64_t rows) {
    TRY(offsets_.Reserve(rows + 1));
    if (offsets_.size() == 0) offsets_.Push(0);
    return Status::OK();
  }

  /// Appends the elements of rows, and where each row of them ends.
  Status AppendElements(const arrow::ArrayData& array, int64_t row, int64_t rows) {
    TRY(Begin(rows));
    if (rows == 0) return Status::OK();
    const int32_t* offsets = array.GetValues<int32_t>(1) + row;
    const int64_t count = offsets[rows] - offsets[0];
    TRY(CheckOffsetRange(elements_ + count));
    TRY(child_->AppendRun(*array.child_data[0], offsets[0], count));
    const auto shift = static_cast<int32_t>(elements_ - offsets[0]);
    for (int64_t i = 1; i <= rows; ++i) offsets_.Push(offsets[i] + shift);
    elements_ += count;
    return Status::OK();
  }

  std::shared_ptr<arrow::DataType> type_;
  ValidityBuilder validity_;
  /// One more than rows, once there is a row.
  GrowingBuffer<int32_t> offsets_;
  std::unique_ptr<GatherColumn> child_;
  int64_t elements_ = 0;
};

}  // namespace

std::unique_ptr<GatherColumn> GatherColumn::MakeList(const std::shared_ptr<arrow::DataType>& type,
                                                     const std::shared_ptr<BufferRecycler>& recycler) {
  return std::make_unique<ListColumn>(type, recycler);
}

}  // namespace sleeper::columnar
