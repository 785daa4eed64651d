#include <bit>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <utility>

#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>

#include "sleeper/exchange/cast_kernels.h"

namespace sleeper::exchange {
namespace {

// The number as an Out, if that is the very same number.
template <std::integral Out, std::integral In>
std::optional<Out> Exactly(In value) {
  if (!std::in_range<Out>(value)) return std::nullopt;
  return static_cast<Out>(value);
}

template <std::integral Out, std::floating_point In>
std::optional<Out> Exactly(In value) {
  // Both bounds are powers of two, so they are exact as floating-point numbers.
  constexpr In kLower = static_cast<In>(std::numeric_limits<Out>::min());
  if (!(value >= kLower && value < -kLower) || std::trunc(value) != value) return std::nullopt;
  return static_cast<Out>(value);
}

template <std::floating_point Out, std::integral In>
std::optional<Out> Exactly(In value) {
  using Unsigned = std::make_unsigned_t<In>;
  Unsigned magnitude = static_cast<Unsigned>(value);
  if constexpr (std::signed_integral<In>) {
    if (value < 0) magnitude = static_cast<Unsigned>(Unsigned{0} - magnitude);
  }
  if (magnitude != 0 && std::bit_width(magnitude) - std::countr_zero(magnitude) > std::numeric_limits<Out>::digits) {
    return std::nullopt;
  }
  return static_cast<Out>(value);
}

template <std::floating_point Out, std::floating_point In>
std::optional<Out> Exactly(In value) {
  if (std::isnan(value)) return std::numeric_limits<Out>::quiet_NaN();
  if (std::isinf(value)) return static_cast<Out>(value);
  if (std::abs(value) > static_cast<In>(std::numeric_limits<Out>::max())) return std::nullopt;
  const Out result = static_cast<Out>(value);
  if (static_cast<In>(result) != value) return std::nullopt;
  return result;
}

std::optional<int64_t> AsInt64(const arrow::Decimal256& value) {
  const auto& words = value.little_endian_array();
  const auto low = static_cast<int64_t>(words[0]);
  const uint64_t sign = low < 0 ? ~uint64_t{0} : 0;
  if (words[1] != sign || words[2] != sign || words[3] != sign) return std::nullopt;
  return low;
}

// A decimal is unscaled / 10^scale. It is a whole number if 10^scale divides it.
template <std::integral Out>
std::optional<Out> Exactly(const arrow::Decimal256& unscaled, int32_t scale) {
  arrow::Decimal256 whole = unscaled;
  if (scale != 0) {
    const auto rescaled = unscaled.Rescale(scale, 0);
    if (!rescaled.ok()) return std::nullopt;
    whole = *rescaled;
  }
  const std::optional<int64_t> value = AsInt64(whole);
  return value ? Exactly<Out>(*value) : std::nullopt;
}

// With 10^scale = 5^scale * 2^scale, the number is exact in binary if 5^scale divides it and what remains is not too
// wide.
template <std::floating_point Out>
std::optional<Out> Exactly(const arrow::Decimal256& unscaled, int32_t scale) {
  arrow::Decimal256 odd = unscaled;
  for (int32_t i = 0; i < scale; ++i) {
    const auto divided = odd.Divide(arrow::Decimal256(5));
    if (!divided.ok() || divided->second != arrow::Decimal256(0)) return std::nullopt;
    odd = divided->first;
  }
  if (scale < 0) {
    const auto rescaled = unscaled.Rescale(scale, 0);
    if (!rescaled.ok()) return std::nullopt;
    odd = *rescaled;
  }
  const std::optional<int64_t> significand = AsInt64(odd);
  if (!significand) return std::nullopt;
  const auto exact = Exactly<Out>(*significand);
  if (!exact) return std::nullopt;
  return std::ldexp(*exact, scale > 0 ? -scale : 0);
}

// Gives decimals and half floats the face that CastEach wants.
template <typename ArrayType>
struct DecimalValues {
  using Decimal = typename arrow::TypeTraits<typename ArrayType::TypeClass>::CType;
  const ArrayType& array;
  int64_t length() const { return array.length(); }
  int64_t null_count() const { return array.null_count(); }
  bool IsNull(int64_t i) const { return array.IsNull(i); }
  arrow::Decimal256 Value(int64_t i) const { return arrow::Decimal256(Decimal(array.GetValue(i))); }
  operator const arrow::Array&() const { return array; }  // NOLINT(google-explicit-constructor)
};

template <typename Out>
class NumberCast {
 public:
  NumberCast(const arrow::Array& values, std::shared_ptr<arrow::DataType> type, const CastPlace& place)
      : values_(values), type_(std::move(type)), place_(place), why_("does not fit " + Name()) {}

  ArrayResult Run() const {
    if (values_.type_id() == type_->id()) return arrow::MakeArray(values_.data());
    switch (values_.type_id()) {
      case arrow::Type::INT8:
        return Plain<arrow::Int8Array>();
      case arrow::Type::INT16:
        return Plain<arrow::Int16Array>();
      case arrow::Type::INT32:
        return Plain<arrow::Int32Array>();
      case arrow::Type::INT64:
        return Plain<arrow::Int64Array>();
      case arrow::Type::UINT8:
        return Plain<arrow::UInt8Array>();
      case arrow::Type::UINT16:
        return Plain<arrow::UInt16Array>();
      case arrow::Type::UINT32:
        return Plain<arrow::UInt32Array>();
      case arrow::Type::UINT64:
        return Plain<arrow::UInt64Array>();
      case arrow::Type::HALF_FLOAT:
        return Half();
      case arrow::Type::FLOAT:
        return Plain<arrow::FloatArray>();
      case arrow::Type::DOUBLE:
        return Plain<arrow::DoubleArray>();
      case arrow::Type::DECIMAL32:
        return Decimal<arrow::Decimal32Array>();
      case arrow::Type::DECIMAL64:
        return Decimal<arrow::Decimal64Array>();
      case arrow::Type::DECIMAL128:
        return Decimal<arrow::Decimal128Array>();
      case arrow::Type::DECIMAL256:
        return Decimal<arrow::Decimal256Array>();
      default:
        return Error(ErrorKind::kInternal, "no cast from ", values_.type()->ToString(), " to ", type_->ToString());
    }
  }

 private:
  static std::string Name() {
    if constexpr (std::same_as<Out, int32_t>) return "IntType";
    if constexpr (std::same_as<Out, int64_t>) return "LongType";
    if constexpr (std::same_as<Out, float>) return "FloatType without being rounded";
    return "DoubleType without being rounded";
  }

  template <typename ArrayType>
  ArrayResult Plain() const {
    return CastEach<Out>(static_cast<const ArrayType&>(values_), type_, place_, why_,
                         [](auto value) { return Exactly<Out>(value); });
  }

  ArrayResult Half() const {
    return CastEach<Out>(static_cast<const arrow::HalfFloatArray&>(values_), type_, place_, why_,
                         [](uint16_t bits) { return Exactly<Out>(arrow::util::Float16::FromBits(bits).ToFloat()); });
  }

  template <typename ArrayType>
  ArrayResult Decimal() const {
    const int32_t scale = static_cast<const arrow::DecimalType&>(*values_.type()).scale();
    return CastEach<Out>(DecimalValues<ArrayType>{static_cast<const ArrayType&>(values_)}, type_, place_, why_,
                         [scale](const arrow::Decimal256& value) { return Exactly<Out>(value, scale); });
  }

  const arrow::Array& values_;
  const std::shared_ptr<arrow::DataType> type_;
  const CastPlace& place_;
  const std::string why_;
};

}  // namespace

ArrayResult CastToInt(const arrow::Array& values, const CastPlace& place) {
  return NumberCast<int32_t>(values, arrow::int32(), place).Run();
}

ArrayResult CastToLong(const arrow::Array& values, const CastPlace& place) {
  return NumberCast<int64_t>(values, arrow::int64(), place).Run();
}

ArrayResult CastToFloat(const arrow::Array& values, const CastPlace& place) {
  return NumberCast<float>(values, arrow::float32(), place).Run();
}

ArrayResult CastToDouble(const arrow::Array& values, const CastPlace& place) {
  return NumberCast<double>(values, arrow::float64(), place).Run();
}

}  // namespace sleeper::exchange
