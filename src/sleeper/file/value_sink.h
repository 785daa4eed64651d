#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <arrow/array/data.h>
#include <parquet/types.h>

#include "sleeper/base/status.h"
#include "sleeper/columnar/growing_buffer.h"
#include "sleeper/columnar/validity_builder.h"

namespace sleeper::file {

/// Collects decoded values of one physical type as an Arrow array. Values come dense, without the places of nulls; for
/// rows that may be null there is a byte each that says whether it holds the next value. Confined.
template <typename T>
class ValueSink;

/// int32, int64, float, double: the values lie as they come.
template <typename T>
requires std::is_arithmetic_v<T>
class ValueSink<T> {
 public:
  explicit ValueSink(const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : validity_(recycler), values_(recycler) {}

  /// Room for `count` values to be decoded into in place; Advance then counts them.
  Result<T*> Place(int64_t count) {
    TRY(values_.Reserve(count));
    return values_.end();
  }
  Status Advance(int64_t count) {
    values_.Advance(count);
    return validity_.AppendValid(count);
  }

  Status AppendDense(std::span<const T> values) {
    TRY_ASSIGN(T* const out, Place(static_cast<int64_t>(values.size())));
    std::copy(values.begin(), values.end(), out);
    return Advance(static_cast<int64_t>(values.size()));
  }

  Status AppendSpaced(std::span<const uint8_t> valid, std::span<const T> values) {
    TRY(values_.Reserve(static_cast<int64_t>(valid.size())));
    T* out = values_.end();
    const T* next = values.data();
    for (const uint8_t is_valid : valid) *out++ = is_valid != 0 ? *next++ : T{};
    values_.Advance(static_cast<int64_t>(valid.size()));
    return validity_.AppendBytes(valid, static_cast<int64_t>(valid.size() - values.size()));
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish(const std::shared_ptr<arrow::DataType>& type) {
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto values, values_.Finish());
    return arrow::ArrayData::Make(type, validity.rows, {std::move(validity.bitmap), std::move(values)}, validity.nulls);
  }

 private:
  columnar::ValidityBuilder validity_;
  columnar::GrowingBuffer<T> values_;
};

template <>
class ValueSink<bool> {
 public:
  explicit ValueSink(const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : validity_(recycler), bits_(recycler) {}

  Status AppendDense(std::span<const bool> values) {
    const auto count = static_cast<int64_t>(values.size());
    TRY(validity_.AppendValid(count));
    return bits_.AppendEach(count, [&](int64_t i) -> uint32_t { return values[static_cast<size_t>(i)] ? 1 : 0; });
  }

  Status AppendSpaced(std::span<const uint8_t> valid, std::span<const bool> values) {
    TRY(validity_.AppendBytes(valid, static_cast<int64_t>(valid.size() - values.size())));
    size_t next = 0;
    return bits_.AppendEach(static_cast<int64_t>(valid.size()), [&](int64_t i) -> uint32_t {
      return valid[static_cast<size_t>(i)] != 0 && values[next++] ? 1 : 0;
    });
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish(const std::shared_ptr<arrow::DataType>& type) {
    TRY_ASSIGN(auto validity, validity_.Finish());
    TRY_ASSIGN(auto bits, bits_.Finish());
    return arrow::ArrayData::Make(type, validity.rows, {std::move(validity.bitmap), std::move(bits)}, validity.nulls);
  }

 private:
  columnar::ValidityBuilder validity_;
  columnar::BitmapBuilder bits_;
};

/// Strings and bytes.
template <>
class ValueSink<parquet::ByteArray> {
 public:
  explicit ValueSink(const std::shared_ptr<columnar::BufferRecycler>& recycler)
      : validity_(recycler), offsets_(recycler), data_(recycler) {}

  Status AppendDense(std::span<const parquet::ByteArray> values) {
    TRY(AppendData(values));
    TRY(ReserveOffsets(static_cast<int64_t>(values.size())));
    for (const parquet::ByteArray& value : values) offsets_.Push(end_ += static_cast<int32_t>(value.len));
    return validity_.AppendValid(static_cast<int64_t>(values.size()));
  }

  Status AppendSpaced(std::span<const uint8_t> valid, std::span<const parquet::ByteArray> values) {
    TRY(AppendData(values));
    TRY(ReserveOffsets(static_cast<int64_t>(valid.size())));
    const parquet::ByteArray* next = values.data();
    for (const uint8_t is_valid : valid) {
      if (is_valid != 0) end_ += static_cast<int32_t>((next++)->len);
      offsets_.Push(end_);
    }
    return validity_.AppendBytes(valid, static_cast<int64_t>(valid.size() - values.size()));
  }

  Result<std::shared_ptr<arrow::ArrayData>> Finish(const std::shared_ptr<arrow::DataType>& type) {
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

  Status AppendData(std::span<const parquet::ByteArray> values) {
    int64_t bytes = 0;
    bool side_by_side = true;
    const uint8_t* expected = values.empty() ? nullptr : values.front().ptr;
    for (const parquet::ByteArray& value : values) {
      bytes += value.len;
      side_by_side &= value.ptr == expected;
      expected = value.ptr + value.len;
    }
    if (data_.size() + bytes > std::numeric_limits<int32_t>::max()) {
      return Error(ErrorKind::kInvalid, "one column of one batch takes 2 GiB or more: ask for fewer rows at a time");
    }
    TRY(data_.Reserve(bytes));
    if (side_by_side) {
      if (bytes > 0) std::memcpy(data_.end(), values.front().ptr, static_cast<size_t>(bytes));
    } else {
      uint8_t* out = data_.end();
      for (const parquet::ByteArray& value : values) {
        if (value.len > 0) std::memcpy(out, value.ptr, value.len);
        out += value.len;
      }
    }
    data_.Advance(bytes);
    return Status::OK();
  }

  columnar::ValidityBuilder validity_;
  columnar::GrowingBuffer<int32_t> offsets_;
  columnar::GrowingBuffer<uint8_t> data_;
  int32_t end_ = 0;
};

}  // namespace sleeper::file
