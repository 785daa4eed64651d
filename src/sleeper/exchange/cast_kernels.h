#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/type.h>

#include "sleeper/base/status.h"
#include "sleeper/exchange/place.h"
#include "sleeper/model/type.h"

// The casts of cast.h, by the family of the target. Each takes a valid array that is neither a dictionary, an extension
// nor all null, and that CanCast allows.

namespace sleeper::exchange {

using ArrayResult = Result<std::shared_ptr<arrow::Array>>;

/// Names the place of a value that cannot be cast. Elements of lists and maps are named by the row that they belong to.
class CastPlace {
 public:
  CastPlace(const Place& first, std::function<int64_t(int64_t)> row_of) : first_(first), row_of_(std::move(row_of)) {}

  /// The place of the value at `index` of `values`.
  Status Refuse(const arrow::Array& values, int64_t index, std::string_view why) const;

  /// The places of the elements, where `row_of` says to which of our values an element belongs.
  CastPlace Inside(std::function<int64_t(int64_t)> row_of) const;

 private:
  Place first_;
  std::function<int64_t(int64_t)> row_of_;
};

ArrayResult CastValues(const std::shared_ptr<arrow::Array>& values, const model::Type& to, const CastPlace& place);

ArrayResult CastToInt(const arrow::Array& values, const CastPlace& place);
ArrayResult CastToLong(const arrow::Array& values, const CastPlace& place);
ArrayResult CastToFloat(const arrow::Array& values, const CastPlace& place);
ArrayResult CastToDouble(const arrow::Array& values, const CastPlace& place);
ArrayResult CastToDate(const arrow::Array& values, const CastPlace& place);
ArrayResult CastToTimestamp(const arrow::Array& values, const CastPlace& place);
ArrayResult CastToString(const arrow::Array& values, const CastPlace& place);
ArrayResult CastToBytes(const arrow::Array& values, const CastPlace& place);
ArrayResult CastToList(const arrow::Array& values, const model::Type& to, const CastPlace& place);
ArrayResult CastToMap(const arrow::Array& values, const model::Type& to, const CastPlace& place);

/// The validity bits of `values` for an array that starts at offset 0; null if nothing is null.
Result<std::shared_ptr<arrow::Buffer>> ValidityOf(const arrow::Array& values);

/// The same buffers under another type of the same layout.
std::shared_ptr<arrow::Array> WithType(const arrow::Array& values, std::shared_ptr<arrow::DataType> type);

/// Converts value by value: `convert` takes what `in` holds at a position and gives an Out, or nothing if that would
/// change the value.
template <typename Out, typename In, typename Convert>
ArrayResult CastEach(const In& in, std::shared_ptr<arrow::DataType> type, const CastPlace& place, std::string_view why,
                     Convert convert) {
  const int64_t length = in.length();
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> out, arrow::AllocateBuffer(length * static_cast<int64_t>(sizeof(Out))));
  auto* target = reinterpret_cast<Out*>(out->mutable_data());
  const bool nulls = in.null_count() > 0;
  for (int64_t i = 0; i < length; ++i) {
    if (nulls && in.IsNull(i)) {
      target[i] = Out{};
      continue;
    }
    const std::optional<Out> value = convert(in.Value(i));
    if (!value) return place.Refuse(in, i, why);
    target[i] = *value;
  }
  TRY_ASSIGN(std::shared_ptr<arrow::Buffer> validity, ValidityOf(in));
  return arrow::MakeArray(
      arrow::ArrayData::Make(std::move(type), length, {std::move(validity), std::move(out)}, in.null_count()));
}

}  // namespace sleeper::exchange
