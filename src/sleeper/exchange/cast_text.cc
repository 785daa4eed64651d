#include <limits>
#include <utility>

#include <arrow/builder.h>

#include "sleeper/base/utf8.h"
#include "sleeper/exchange/cast_kernels.h"

namespace sleeper::exchange {
namespace {

constexpr int64_t kOffsetMax = std::numeric_limits<int32_t>::max();

Status TooLarge() {
  return WithHint(Error(ErrorKind::kExhausted, "the values of one batch of rows take more than 2 GiB"),
                  "write the input with smaller batches");
}

// An array of the 32-bit layout over `data`, where value i ends at `end(i)` bytes after the start.
template <typename End>
ArrayResult WithOffsets(const arrow::Array& values, std::shared_ptr<arrow::Buffer> data, End end) {
  const int64_t length = values.length();
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> offsets,
             arrow::AllocateBuffer((length + 1) * static_cast<int64_t>(sizeof(int32_t))));
  auto* target = reinterpret_cast<int32_t*>(offsets->mutable_data());
  target[0] = 0;
  for (int64_t i = 0; i < length; ++i) target[i + 1] = static_cast<int32_t>(end(i));
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> validity, ValidityOf(values));
  return arrow::MakeArray(arrow::ArrayData::Make(
      arrow::binary(), length, {std::move(validity), std::move(offsets), std::move(data)}, values.null_count()));
}

ArrayResult FromLarge(const arrow::LargeBinaryArray& values) {
  const int64_t start = values.value_offset(0);
  const int64_t size = values.value_offset(values.length()) - start;
  if (size > kOffsetMax) return TooLarge();
  std::shared_ptr<arrow::Buffer> data = values.value_data();
  if (data != nullptr) data = arrow::SliceBuffer(data, start, size);
  return WithOffsets(values, std::move(data), [&](int64_t i) { return values.value_offset(i + 1) - start; });
}

ArrayResult FromFixedSize(const arrow::FixedSizeBinaryArray& values) {
  const int64_t width = values.byte_width();
  if (width * values.length() > kOffsetMax) return TooLarge();
  std::shared_ptr<arrow::Buffer> data =
      arrow::SliceBuffer(values.data()->buffers[1], values.offset() * width, values.length() * width);
  return WithOffsets(values, std::move(data), [&](int64_t i) { return (i + 1) * width; });
}

ArrayResult FromViews(const arrow::BinaryViewArray& values) {
  arrow::BinaryBuilder builder;
  TRY(builder.Reserve(values.length()));
  for (int64_t i = 0; i < values.length(); ++i) {
    if (values.IsNull(i)) {
      TRY(builder.AppendNull());
    } else {
      TRY(builder.Append(values.GetView(i)));
    }
  }
  return builder.Finish();
}

// The values in the layout of utf8 and binary.
ArrayResult Compact(const arrow::Array& values) {
  switch (values.type_id()) {
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return FromLarge(static_cast<const arrow::LargeBinaryArray&>(values));
    case arrow::Type::FIXED_SIZE_BINARY:
      return FromFixedSize(static_cast<const arrow::FixedSizeBinaryArray&>(values));
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return FromViews(static_cast<const arrow::BinaryViewArray&>(values));
    default:
      return arrow::MakeArray(values.data());
  }
}

bool StartsInsideCharacter(std::string_view value) {
  return !value.empty() && (static_cast<unsigned char>(value.front()) & 0xC0) == 0x80;
}

Status CheckUtf8(const arrow::BinaryArray& values, const CastPlace& place) {
  if (values.length() == 0) return Status::OK();
  const int64_t start = values.value_offset(0);
  const std::string_view all(reinterpret_cast<const char*>(values.raw_data()) + start,
                             static_cast<size_t>(values.value_offset(values.length()) - start));
  if (IsAscii(all)) return Status::OK();
  // All bytes at once is far cheaper than value by value. Then no value may begin in the middle of a character.
  bool suspicious = !all.empty() && !IsUtf8(all);
  for (int64_t i = 0; i < values.length() && !suspicious; ++i) suspicious = StartsInsideCharacter(values.GetView(i));
  if (!suspicious) return Status::OK();
  for (int64_t i = 0; i < values.length(); ++i) {
    if (values.IsValid(i) && !IsUtf8(values.GetView(i))) return place.Refuse(values, i, "is not valid UTF-8");
  }
  return Status::OK();
}

}  // namespace

ArrayResult CastToString(const arrow::Array& values, const CastPlace& place) {
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> compact, Compact(values));
  const std::shared_ptr<arrow::Array> bytes = WithType(*compact, arrow::binary());
  TRY(CheckUtf8(static_cast<const arrow::BinaryArray&>(*bytes), place));
  return WithType(*compact, arrow::utf8());
}

ArrayResult CastToBytes(const arrow::Array& values, const CastPlace&) {
  TRY_ASSIGN(const std::shared_ptr<arrow::Array> compact, Compact(values));
  return WithType(*compact, arrow::binary());
}

}  // namespace sleeper::exchange
