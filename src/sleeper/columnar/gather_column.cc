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
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i + kPrefetchRows < rows.size()) {
        const RowAddress ahead = rows[i + kPrefetchRows];
        __builtin_prefetch(values[ahead.batch] + ahead.row);
      }
      out[i] = values[rows[i].batch][rows[i].row];
    }
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

}  // namespace

Status GatherColumn::CheckOffsetRange(int64_t size) {
  if (size <= std::numeric_limits<int32_t>::max()) return Status::OK();
  return Error(ErrorKind::kInvalid, "one column of one batch takes 2 GiB or more: ", size);
}

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
      return MakeBytes(type, recycler);
    case arrow::Type::LIST:
    case arrow::Type::MAP:
      return MakeList(type, recycler);
    default:
      SLEEPER_CHECK(false, "no table has a column of this type: ", type->ToString());
      return nullptr;
  }
}

}  // namespace sleeper::columnar
