#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include <arrow/array/data.h>

#include "sleeper/columnar/gather_column.h"

namespace sleeper::columnar {
namespace {

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
    for (size_t begin = 0; begin < rows.size(); begin += kChunkRows) {
      TRY(AppendChunk(views, rows.subspan(begin, std::min(kChunkRows, rows.size() - begin))));
    }
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

  /// Rows whose values are found first and copied then, so that the memory of all of them is on its way meanwhile.
  static constexpr size_t kChunkRows = 256;

  Status AppendChunk(std::span<const View> views, std::span<const RowAddress> rows) {
    struct Value {
      const View* view;
      int32_t begin;
      int32_t length;
    };
    std::array<Value, kChunkRows> values;
    int64_t bytes = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i + kPrefetchRows < rows.size()) {
        const RowAddress ahead = rows[i + kPrefetchRows];
        __builtin_prefetch(views[ahead.batch].offsets + ahead.row);
      }
      const View& view = views[rows[i].batch];
      const int32_t begin = view.offsets[rows[i].row];
      values[i] = {&view, begin, view.offsets[rows[i].row + 1] - begin};
      bytes += values[i].length;
      __builtin_prefetch(view.data + begin);
    }
    TRY(Reserve(static_cast<int64_t>(rows.size()), bytes));
    int32_t* end = offsets_.end();
    int64_t size = data_.size();
    for (const Value& value : std::span(values).first(rows.size())) {
      Copy(data_.data() + size, *value.view, value.begin, value.length);
      size += value.length;
      *end++ = static_cast<int32_t>(size);
    }
    offsets_.Advance(static_cast<int64_t>(rows.size()));
    data_.Advance(bytes);
    return Status::OK();
  }

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

}  // namespace

std::unique_ptr<GatherColumn> GatherColumn::MakeBytes(const std::shared_ptr<arrow::DataType>& type,
                                                      const std::shared_ptr<BufferRecycler>& recycler) {
  return std::make_unique<BytesColumn>(type, recycler);
}

}  // namespace sleeper::columnar
