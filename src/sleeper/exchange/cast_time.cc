#include <optional>
#include <utility>

#include "sleeper/columnar/arrow_types.h"
#include "sleeper/exchange/cast_kernels.h"

namespace sleeper::exchange {
namespace {

constexpr int64_t kDayMilliseconds = 86'400'000;
constexpr int64_t kDayMicroseconds = kDayMilliseconds * 1'000;
constexpr std::string_view kNoDate = "does not fit DateType: not the midnight of a day, or too far away";
constexpr std::string_view kNoTimestamp = "does not fit TimestampType: finer than a microsecond, or too far away";

std::optional<int64_t> Multiplied(int64_t value, int64_t factor) {
  int64_t product = 0;
  if (__builtin_mul_overflow(value, factor, &product)) return std::nullopt;
  return product;
}

std::optional<int64_t> DividedExactly(int64_t value, int64_t divisor) {
  if (value % divisor != 0) return std::nullopt;
  return value / divisor;
}

std::optional<int32_t> AsDays(std::optional<int64_t> days) {
  if (!days || !std::in_range<int32_t>(*days)) return std::nullopt;
  return static_cast<int32_t>(*days);
}

arrow::TimeUnit::type UnitOf(const arrow::Array& values) {
  return static_cast<const arrow::TimestampType&>(*values.type()).unit();
}

int64_t PerDay(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return 86'400;
    case arrow::TimeUnit::MILLI:
      return kDayMilliseconds;
    case arrow::TimeUnit::MICRO:
      return kDayMicroseconds;
    case arrow::TimeUnit::NANO:
      return kDayMicroseconds * 1'000;
  }
  return 1;
}

std::optional<int64_t> ToMicroseconds(int64_t value, arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return Multiplied(value, 1'000'000);
    case arrow::TimeUnit::MILLI:
      return Multiplied(value, 1'000);
    case arrow::TimeUnit::MICRO:
      return value;
    case arrow::TimeUnit::NANO:
      return DividedExactly(value, 1'000);
  }
  return std::nullopt;
}

}  // namespace

ArrayResult CastToDate(const arrow::Array& values, const CastPlace& place) {
  switch (values.type_id()) {
    case arrow::Type::DATE32:
      return arrow::MakeArray(values.data());
    case arrow::Type::DATE64:
      return CastEach<int32_t>(static_cast<const arrow::Date64Array&>(values), arrow::date32(), place, kNoDate,
                               [](int64_t value) { return AsDays(DividedExactly(value, kDayMilliseconds)); });
    default: {
      const int64_t per_day = PerDay(UnitOf(values));
      return CastEach<int32_t>(static_cast<const arrow::TimestampArray&>(values), arrow::date32(), place, kNoDate,
                               [per_day](int64_t value) { return AsDays(DividedExactly(value, per_day)); });
    }
  }
}

ArrayResult CastToTimestamp(const arrow::Array& values, const CastPlace& place) {
  const std::shared_ptr<arrow::DataType> type = columnar::ToArrow(model::TypeKind::kTimestamp);
  switch (values.type_id()) {
    case arrow::Type::DATE32:
      return CastEach<int64_t>(static_cast<const arrow::Date32Array&>(values), type, place, kNoTimestamp,
                               [](int32_t days) { return Multiplied(days, kDayMicroseconds); });
    case arrow::Type::DATE64:
      return CastEach<int64_t>(static_cast<const arrow::Date64Array&>(values), type, place, kNoTimestamp,
                               [](int64_t milliseconds) { return Multiplied(milliseconds, 1'000); });
    default: {
      // With a zone the values count from the epoch in UTC already; without one they are taken as UTC.
      const arrow::TimeUnit::type unit = UnitOf(values);
      if (unit == arrow::TimeUnit::MICRO) return WithType(values, type);
      return CastEach<int64_t>(static_cast<const arrow::TimestampArray&>(values), type, place, kNoTimestamp,
                               [unit](int64_t value) { return ToMicroseconds(value, unit); });
    }
  }
}

}  // namespace sleeper::exchange
