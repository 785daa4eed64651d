#include "sleeper/columnar/gather_column.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include <arrow/array/data.h>
#include <arrow/type.h>

#include "sleeper/base/check.h"

namespace sleeper::columnar {
namespace {

Status CheckOffsetRange(int64_t size) {
  if (size <= std::numeric_limits<int32_t>::max()) return Status::OK();
  return Error(ErrorKind::kInvalid, "one column of one batch takes 2 GiB or more: ", size);
}

/// Values of one fixed width in bytes.
template <typename Word>
class FixedColumn final : public GatherColumn {
 public:
  FixedColumn(std::shared_ptr<arrow::DataType> type, const std::shared_ptr<BufferRecycler>& recycler)
      : type_(std::move(type)), validity_(recycler), values_(recycler) {}

  Status AppendInterleaved(std::span<const GatherInput> inputs, std::span<const uint8_t> sources) override {
    TRY(validity_.AppendInterleaved(inputs, sources));
    const auto count = static_cast<int64_t>(sources.size());
    TRY(values_.Reserve(count));
    std::array<const Word*, 256> cursors;
    for (size_t i = 0; i < inputs.size(); ++i) {
      cursors[i] = inputs[i].rows == 0 ? nullptr : inputs[i].array->template GetValues<Word>(1) + inputs[i].next;
    }
    Word* out = values_.end();
    for (const uint8_t source : sources) *out++ = *cursors[source]++;
    values_.Advance(count);
    return Status::OK();
  }

  Status AppendRun(const arrow::ArrayData& array, int64_t offset, int64_t rows) override {
    TRY(validity_.AppendRun(array, offset, rows));
    TRY(values_.Reserve(rows));
    if (rows == 0) return Status::OK();
    std::memcpy(values_.end(), array.GetValues<Word>(1) + offset, static_cast<size_t>(rows) * sizeof(Word));
    values_.Advance(rows);
    return Status::OK();
  }

  Status AppendRows(std::span<const arrow::ArrayData* const> arrays, std::span<const RowAddress> rows) override {
    TRY(validity_.AppendRows(arrays, rows));
    const auto count = static_cast<int64_t>(rows.size());
    TRY(values_.Reserve(count));
    std::vector<const Word*> values;
    for (const arrow::ArrayData* array : arrays) values.push_back(array->GetValues<Word>(1));
    Word* out = values_.end();
    for (const RowAddress row : rows) *out++ = values[row.batch][row.row];
    values_.Advance(count);
    return Status::OK();
  }

  int64_t bytes() const override { return values_.size() * static_cast<int64_t>(sizeof(Word)); }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() override {
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto values, values_.Finish());
    return arrow::ArrayData::Make(type_, validity.rows, {std::move(validity.bitmap), std::move(values)},
                                  validity.nulls);
  }

 private:
  std::shared_ptr<arrow::DataType> type_;
  ValidityBuilder validity_;
  GrowingBuffer<Word> values_;
};

class BooleanColumn final : public GatherColumn {
 public:
  BooleanColumn(std::shared_ptr<arrow::DataType> type, const std::shared_ptr<BufferRecycler>& recycler)
      : type_(std::move(type)), validity_(recycler), values_(recycler) {}

  Status AppendInterleaved(std::span<const GatherInput> inputs, std::span<const uint8_t> sources) override {
    TRY(validity_.AppendInterleaved(inputs, sources));
    std::array<int64_t, 256> positions{};
    std::array<const uint8_t*, 256> bitmaps{};
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].rows == 0) continue;
      positions[i] = inputs[i].array->offset + inputs[i].next;
      bitmaps[i] = inputs[i].array->buffers[1]->data();
    }
    return values_.AppendEach(static_cast<int64_t>(sources.size()), [&](int64_t i) -> uint32_t {
      const uint8_t source = sources[static_cast<size_t>(i)];
      const int64_t position = positions[source]++;
      return (bitmaps[source][position / 8] >> (position % 8)) & 1U;
    });
  }

  Status AppendRun(const arrow::ArrayData& array, int64_t offset, int64_t rows) override {
    TRY(validity_.AppendRun(array, offset, rows));
    if (rows == 0) return Status::OK();
    return values_.AppendRun(array.buffers[1]->data(), array.offset + offset, rows);
  }

  Status AppendRows(std::span<const arrow::ArrayData* const> arrays, std::span<const RowAddress> rows) override {
    TRY(validity_.AppendRows(arrays, rows));
    return values_.AppendEach(static_cast<int64_t>(rows.size()), [&](int64_t i) -> uint32_t {
      const RowAddress address = rows[static_cast<size_t>(i)];
      const int64_t position = arrays[address.batch]->offset + address.row;
      return (arrays[address.batch]->buffers[1]->data()[position / 8] >> (position % 8)) & 1U;
    });
  }

  int64_t bytes() const override { return (values_.size() + 7) / 8; }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() override {
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto values, values_.Finish());
    return arrow::ArrayData::Make(type_, validity.rows, {std::move(validity.bitmap), std::move(values)},
                                  validity.nulls);
  }

 private:
  std::shared_ptr<arrow::DataType> type_;
  ValidityBuilder validity_;
  BitmapBuilder values_;
};

/// Strings and bytes.
class BytesColumn final : public GatherColumn {
 public:
  BytesColumn(std::shared_ptr<arrow::DataType> type, const std::shared_ptr<BufferRecycler>& recycler)
      : type_(std::move(type)), validity_(recycler), offsets_(recycler), data_(recycler) {}

  Status AppendInterleaved(std::span<const GatherInput> inputs, std::span<const uint8_t> sources) override {
    TRY(validity_.AppendInterleaved(inputs, sources));
    std::array<View, 256> views;
    int64_t bytes = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].rows == 0) continue;
      views[i] = View(*inputs[i].array);
      views[i].offsets += inputs[i].next;
      bytes += views[i].offsets[inputs[i].rows] - views[i].offsets[0];
    }
    TRY(Reserve(static_cast<int64_t>(sources.size()), bytes));
    int32_t* end = offsets_.end();
    int64_t size = data_.size();
    uint8_t* const data = data_.data();
    for (const uint8_t source : sources) {
      View& view = views[source];
      const int32_t begin = view.offsets[0];
      const int32_t length = view.offsets[1] - begin;
      ++view.offsets;
      Copy(data + size, view, begin, length);
      size += length;
      *end++ = static_cast<int32_t>(size);
    }
    offsets_.Advance(static_cast<int64_t>(sources.size()));
    data_.Advance(bytes);
    return Status::OK();
  }

  Status AppendRun(const arrow::ArrayData& array, int64_t offset, int64_t rows) override {
    TRY(validity_.AppendRun(array, offset, rows));
    if (rows == 0) return Reserve(0, 0);
    const View view(array);
    const int32_t* offsets = view.offsets + offset;
    const int64_t bytes = offsets[rows] - offsets[0];
    TRY(Reserve(rows, bytes));
    const auto shift = static_cast<int32_t>(data_.size() - offsets[0]);
    int32_t* end = offsets_.end();
    for (int64_t row = 1; row <= rows; ++row) *end++ = offsets[row] + shift;
    if (bytes > 0) std::memcpy(data_.end(), view.data + offsets[0], static_cast<size_t>(bytes));
    offsets_.Advance(rows);
    data_.Advance(bytes);
    return Status::OK();
  }

  Status AppendRows(std::span<const arrow::ArrayData* const> arrays, std::span<const RowAddress> rows) override {
    TRY(validity_.AppendRows(arrays, rows));
    std::vector<View> views;
    for (const arrow::ArrayData* array : arrays) views.emplace_back(*array);
    int64_t bytes = 0;
    for (const RowAddress row : rows) {
      const int32_t* offsets = views[row.batch].offsets + row.row;
      bytes += offsets[1] - offsets[0];
    }
    TRY(Reserve(static_cast<int64_t>(rows.size()), bytes));
    int32_t* end = offsets_.end();
    int64_t size = data_.size();
    for (const RowAddress row : rows) {
      const View& view = views[row.batch];
      const int32_t begin = view.offsets[row.row];
      const int32_t length = view.offsets[row.row + 1] - begin;
      Copy(data_.data() + size, view, begin, length);
      size += length;
      *end++ = static_cast<int32_t>(size);
    }
    offsets_.Advance(static_cast<int64_t>(rows.size()));
    data_.Advance(bytes);
    return Status::OK();
  }

  int64_t bytes() const override { return data_.size() + offsets_.size() * static_cast<int64_t>(sizeof(int32_t)); }

  Result<std::shared_ptr<arrow::ArrayData>> Finish() override {
    TRY(Reserve(0, 0));
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto offsets, offsets_.Finish());
    TRY_ASSIGN(auto data, data_.Finish());
    return arrow::ArrayData::Make(type_, validity.rows,
                                  {std::move(validity.bitmap), std::move(offsets), std::move(data)}, validity.nulls);
  }

 private:
  /// Short values are copied as one block of this size where the source has that many bytes.
  static constexpr int32_t kBlock = 16;
  static_assert(kBlock <= GrowingBuffer<uint8_t>::kSlack);

  struct View {
    View() = default;
    explicit View(const arrow::ArrayData& array) : offsets(array.GetValues<int32_t>(1)) {
      if (array.buffers[2] == nullptr) return;
      data = array.buffers[2]->data();
      block_begin_max = array.buffers[2]->size() - kBlock;
    }
    const int32_t* offsets = nullptr;
    const uint8_t* data = nullptr;
    int64_t block_begin_max = -1;
  };

  static void Copy(uint8_t* out, const View& view, int32_t begin, int32_t length) {
    if (length <= kBlock && begin <= view.block_begin_max) {
      std::memcpy(out, view.data + begin, kBlock);
    } else if (length > 0) {
      std::memcpy(out, view.data + begin, static_cast<size_t>(length));
    }
  }

  Status Reserve(int64_t rows, int64_t bytes) {
    TRY(CheckOffsetRange(data_.size() + bytes));
    TRY(offsets_.Reserve(rows + 1));
    if (offsets_.size() == 0) offsets_.Push(0);
    return data_.Reserve(bytes);
  }

  std::shared_ptr<arrow::DataType> type_;
  ValidityBuilder validity_;
  /// One more than rows, once there is a row.
  GrowingBuffer<int32_t> offsets_;
  GrowingBuffer<uint8_t> data_;
};

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

std::unique_ptr<GatherColumn> GatherColumn::Make(const std::shared_ptr<arrow::DataType>& type,
                                                 const std::shared_ptr<BufferRecycler>& recycler) {
  switch (type->id()) {
    case arrow::Type::INT32:
    case arrow::Type::DATE32:
    case arrow::Type::FLOAT:
      return std::make_unique<FixedColumn<uint32_t>>(type, recycler);
    case arrow::Type::INT64:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::DOUBLE:
      return std::make_unique<FixedColumn<uint64_t>>(type, recycler);
    case arrow::Type::BOOL:
      return std::make_unique<BooleanColumn>(type, recycler);
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return std::make_unique<BytesColumn>(type, recycler);
    case arrow::Type::LIST:
    case arrow::Type::MAP:
      return std::make_unique<ListColumn>(type, recycler);
    default:
      SLEEPER_CHECK(false, "no table has a column of this type: ", type->ToString());
  }
}

}  // namespace sleeper::columnar
