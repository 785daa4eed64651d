#include "sleeper/file/page_bounds.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

namespace sleeper::file {
namespace {

template <typename T>
std::string PlainOf(T value) {
  std::string plain(sizeof value, '\0');
  std::memcpy(plain.data(), &value, sizeof value);
  return plain;
}

template <typename T>
T ValueOf(const std::string& plain) {
  T value;
  std::memcpy(&value, plain.data(), sizeof value);
  return value;
}

template <typename T>
PageBounds IntegerBounds(const PageRows& rows, bool sorted) {
  const std::span values(reinterpret_cast<const T*>(rows.fixed.data()), static_cast<size_t>(rows.slots));
  if (sorted) return {PlainOf(values.front()), PlainOf(values.back())};
  T min = values.front();
  T max = values.front();
  for (const T value : values) {
    min = std::min(min, value);
    max = std::max(max, value);
  }
  return {PlainOf(min), PlainOf(max)};
}

PageBounds ByteBounds(const PageRows& rows, bool sorted) {
  const auto* const bytes = reinterpret_cast<const char*>(rows.bytes.data());
  const std::span<const int32_t> sizes = rows.sizes.span();
  std::string_view first(bytes, static_cast<size_t>(sizes.front()));
  if (sorted) {
    const auto size = static_cast<size_t>(sizes.back());
    return {std::string(first), std::string(bytes + rows.bytes.size() - size, size)};
  }
  std::string_view min = first;
  std::string_view max = first;
  const char* at = bytes;
  for (const int32_t size : sizes) {
    const std::string_view value(at, static_cast<size_t>(size));
    min = std::min(min, value);
    max = std::max(max, value);
    at += size;
  }
  return {std::string(min), std::string(max)};
}

template <typename T>
void WidenIntegers(PageBounds& bounds, const PageBounds& added) {
  bounds.min = PlainOf(std::min(ValueOf<T>(bounds.min), ValueOf<T>(added.min)));
  bounds.max = PlainOf(std::max(ValueOf<T>(bounds.max), ValueOf<T>(added.max)));
}

}  // namespace

PageBounds BoundsOf(const PageRows& rows, bool sorted) {
  switch (rows.shape.type) {
    case PhysicalType::kInt32:
      return IntegerBounds<int32_t>(rows, sorted);
    case PhysicalType::kInt64:
      return IntegerBounds<int64_t>(rows, sorted);
    default:
      SLEEPER_CHECK(rows.shape.type == PhysicalType::kByteArray, "not the type of a key");
      return ByteBounds(rows, sorted);
  }
}

void Widen(PageBounds& bounds, const PageBounds& added, PhysicalType type) {
  switch (type) {
    case PhysicalType::kInt32:
      return WidenIntegers<int32_t>(bounds, added);
    case PhysicalType::kInt64:
      return WidenIntegers<int64_t>(bounds, added);
    default:
      bounds.min = std::min(bounds.min, added.min);
      bounds.max = std::max(bounds.max, added.max);
  }
}

}  // namespace sleeper::file
