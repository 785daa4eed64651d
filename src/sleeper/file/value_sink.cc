#include "sleeper/file/value_sink.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "sleeper/columnar/validity_builder.h"
#include "sleeper/file/slack_array.h"

namespace sleeper::file {
namespace {

Status AppendValidity(columnar::ValidityBuilder& validity, const FlatValues& values, int64_t begin, int64_t count) {
  if (values.valid == nullptr) return validity.AppendValid(count);
  const std::span<const uint8_t> valid(values.valid + begin, static_cast<size_t>(count));
  const auto nulls = static_cast<int64_t>(std::count(valid.begin(), valid.end(), 0));
  return nulls == 0 ? validity.AppendValid(count) : validity.AppendBytes(valid, nulls);
}

/// int32, int64, float, double.
template <typename T>
class FixedSink final : public ValueSink {
 public:
  explicit FixedSink(const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : validity_(recycler), values_(recycler) {}

  Status Append(const FlatValues& values, int64_t begin, int64_t count) override {
    if (count == 0) return Status::OK();
    TRY(values_.Reserve(count));
    constexpr auto kWidth = static_cast<int64_t>(sizeof(T));
    std::memcpy(values_.end(), values.fixed + begin * kWidth, static_cast<size_t>(count * kWidth));
    values_.Advance(count);
    return AppendValidity(validity_, values, begin, count);
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish(const std::shared_ptr<arrow::DataType>& type) override {
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto values, values_.Finish());
    return arrow::ArrayData::Make(type, validity.rows, {std::move(validity.bitmap), std::move(values)}, validity.nulls);
  }

 private:
  columnar::ValidityBuilder validity_;
  columnar::GrowingBuffer<T> values_;
};

class BooleanSink final : public ValueSink {
 public:
  explicit BooleanSink(const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : validity_(recycler), bits_(recycler) {}

  Status Append(const FlatValues& values, int64_t begin, int64_t count) override {
    TRY(bits_.AppendEach(count, [&](int64_t i) -> uint32_t { return values.fixed[begin + i]; }));
    return AppendValidity(validity_, values, begin, count);
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish(const std::shared_ptr<arrow::DataType>& type) override {
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto bits, bits_.Finish());
    return arrow::ArrayData::Make(type, validity.rows, {std::move(validity.bitmap), std::move(bits)}, validity.nulls);
  }

 private:
  columnar::ValidityBuilder validity_;
  columnar::BitmapBuilder bits_;
};

/// Strings and bytes.
class BytesSink final : public ValueSink {
 public:
  explicit BytesSink(const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : validity_(recycler), offsets_(recycler), data_(recycler) {}

  Status Append(const FlatValues& values, int64_t begin, int64_t count) override {
    if (count == 0) return Status::OK();
    const std::span views(values.views + begin, static_cast<size_t>(count));
    int64_t total = 0;
    for (const ByteView view : views) total += view.size;
    if (data_.size() + total > std::numeric_limits<int32_t>::max()) {
      return Error(ErrorKind::kInvalid, "one column of one batch takes 2 GiB or more: ask for fewer rows at a time");
    }
    TRY(data_.Reserve(total));
    TRY(ReserveOffsets(count));
    if (total == 0) {
      // There may be no bytes at all.
      for (int64_t i = 0; i < count; ++i) offsets_.Push(end_);
    } else if (const uint8_t* const block = SideBySide(values.bytes, views)) {
      std::memcpy(data_.end(), block, static_cast<size_t>(total));
      for (const ByteView view : views) offsets_.Push(end_ += static_cast<int32_t>(view.size));
    } else {
      uint8_t* out = data_.end();
      for (const ByteView view : views) {
        CopyShort(out, values.bytes + view.begin, view.size);
        out += view.size;
        offsets_.Push(end_ += static_cast<int32_t>(view.size));
      }
    }
    data_.Advance(total);
    return AppendValidity(validity_, values, begin, count);
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish(const std::shared_ptr<arrow::DataType>& type) override {
    TRY(ReserveOffsets(0));
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto offsets, offsets_.Finish());
    TRY_ASSIGN(auto data, data_.Finish());
    end_ = 0;
    return arrow::ArrayData::Make(type, validity.rows,
                                  {std::move(validity.bitmap), std::move(offsets), std::move(data)}, validity.nulls);
  }

 private:
  Status ReserveOffsets(int64_t count) {
    TRY(offsets_.Reserve(count + 1));
    if (offsets_.size() == 0) offsets_.Push(0);
    return Status::OK();
  }

  /// Where the values begin, if they lie one behind the other, so that one copy takes all; otherwise null. A null lies
  /// nowhere. Most pages of ours have them so; those of others have a size in front of each, which shows at once.
  /// REQUIRES: one of them is not empty.
  static const uint8_t* SideBySide(const uint8_t* bytes, std::span<const ByteView> views) {
    const auto first = std::ranges::find_if(views, [](ByteView view) { return view.size > 0; });
    uint32_t expected = first->begin;
    for (const ByteView view : std::ranges::subrange(first, views.end())) {
      if (view.size > 0 && view.begin != expected) return nullptr;
      expected += view.size;
    }
    return bytes + first->begin;
  }

  columnar::ValidityBuilder validity_;
  columnar::GrowingBuffer<int32_t> offsets_;
  columnar::GrowingBuffer<uint8_t> data_;
  int32_t end_ = 0;
};

}  // namespace

std::unique_ptr<ValueSink> ValueSink::Make(PhysicalType type,
                                           const std::shared_ptr<columnar::BufferRecycler>& recycler) {
  switch (type) {
    case PhysicalType::kBoolean:
      return std::make_unique<BooleanSink>(recycler);
    case PhysicalType::kInt32:
      return std::make_unique<FixedSink<int32_t>>(recycler);
    case PhysicalType::kInt64:
      return std::make_unique<FixedSink<int64_t>>(recycler);
    case PhysicalType::kFloat:
      return std::make_unique<FixedSink<float>>(recycler);
    case PhysicalType::kDouble:
      return std::make_unique<FixedSink<double>>(recycler);
    default:
      SLEEPER_CHECK(type == PhysicalType::kByteArray, "not a type of ours: ", static_cast<int>(type));
      return std::make_unique<BytesSink>(recycler);
  }
}

}  // namespace sleeper::file
