#include "sleeper/file/page_bounds.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sleeper/base/byte_prefix.h"
#include "sleeper/base/check.h"

// Bounds of strings are looked for by their first eight bytes, as a number, first in blocks and without a branch for
// each value: soon few blocks can have a bound. Only there values are looked at one by one, and only those that the
// numbers do not tell apart are compared as a whole. A branch for each null that comes at random costs more than all
// the rest.

namespace sleeper::file {
namespace {

template <typename T>
Bound PlainOf(T value) {
  Bound bound{.value = std::string(sizeof value, '\0')};
  std::memcpy(bound.value.data(), &value, sizeof value);
  return bound;
}

template <typename T>
T ValueOf(std::string_view plain) {
  T value;
  std::memcpy(&value, plain.data(), sizeof value);
  return value;
}

size_t FirstValid(const PageRows& rows) {
  size_t first = 0;
  while (rows.shape.nullable() && rows.valid[first] == 0) ++first;
  return first;
}

template <typename T>
std::optional<PageBounds> FixedBounds(const PageRows& rows, bool sorted) {
  const std::span values(reinterpret_cast<const T*>(rows.fixed.data()), static_cast<size_t>(rows.slots));
  if (sorted) return PageBounds{PlainOf(values.front()), PlainOf(values.back())};
  const size_t first = FirstValid(rows);
  T min = values[first];
  T max = values[first];
  bool is_number = true;
  // Two loops, so that the first one has nothing to ask for.
  if (!rows.shape.nullable()) {
    for (const T value : values) {
      min = value < min ? value : min;
      max = value > max ? value : max;
      is_number &= value == value;
    }
  } else {
    const uint8_t* const valid = rows.valid.data();
    for (size_t i = first; i < values.size(); ++i) {
      const T value = values[i];
      min = valid[i] != 0 && value < min ? value : min;
      max = valid[i] != 0 && value > max ? value : max;
      is_number &= valid[i] == 0 || value == value;
    }
  }
  if (!is_number) return std::nullopt;
  if constexpr (std::is_floating_point_v<T>) {
    // The two zeros are equal, but not to every reader.
    if (min == 0) min = -T{0};
    if (max == 0) max = T{0};
  }
  return PageBounds{PlainOf(min), PlainOf(max)};
}

/// The least and the greatest of values that are looked at one by one.
class ByteRange {
 public:
  ByteRange(const uint8_t* bytes, size_t size)
      : min_(View(bytes, size)), max_(min_), min_prefix_(BytePrefix(bytes, size)), max_prefix_(min_prefix_) {}

  void Add(const uint8_t* bytes, size_t size) {
    const uint64_t prefix = BytePrefix(bytes, size);
    if (prefix <= min_prefix_ && (prefix < min_prefix_ || View(bytes, size) < min_)) {
      min_ = View(bytes, size);
      min_prefix_ = prefix;
    } else if (prefix >= max_prefix_ && (prefix > max_prefix_ || View(bytes, size) > max_)) {
      max_ = View(bytes, size);
      max_prefix_ = prefix;
    }
  }

  /// Whether there may be a new bound among values whose prefixes lie between these.
  bool MayWiden(uint64_t least, uint64_t greatest) const { return least <= min_prefix_ || greatest >= max_prefix_; }

  std::string_view min() const { return min_; }
  std::string_view max() const { return max_; }

 private:
  static std::string_view View(const uint8_t* bytes, size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
  }

  std::string_view min_;
  std::string_view max_;
  uint64_t min_prefix_;
  uint64_t max_prefix_;
};

/// Nulls have no bytes. The page has slack behind its last value, so that eight bytes of each can be read.
template <bool nullable>
std::pair<std::string_view, std::string_view> UnsortedExtremesOf(const PageRows& rows) {
  constexpr size_t kBlockValues = 64;
  const uint8_t* const valid = rows.valid.data();
  const size_t count = rows.sizes.size();
  const size_t first = FirstValid(rows);
  const uint8_t* at = rows.bytes.data();
  ByteRange range(at, static_cast<size_t>(rows.sizes[first]));
  for (size_t begin = first; begin < count; begin += kBlockValues) {
    const size_t end = std::min(count, begin + kBlockValues);
    const uint8_t* next = at;
    uint64_t least = ~uint64_t{0};
    uint64_t greatest = 0;
    for (size_t i = begin; i < end; ++i) {
      const auto size = static_cast<size_t>(rows.sizes[i]);
      const uint64_t prefix = BytePrefix(next, size);
      // All bits of a null, which is no least value, and its prefix is no greatest one.
      const uint64_t null = nullable ? uint64_t{valid[i]} - 1 : 0;
      least = std::min(least, prefix | null);
      greatest = std::max(greatest, prefix);
      next += size;
    }
    if (range.MayWiden(least, greatest)) {
      for (size_t i = begin; i < end; ++i) {
        const auto size = static_cast<size_t>(rows.sizes[i]);
        if (!nullable || valid[i] != 0) range.Add(at, size);
        at += size;
      }
    }
    at = next;
  }
  return {range.min(), range.max()};
}

std::pair<std::string_view, std::string_view> ExtremesOf(const PageRows& rows, bool sorted) {
  const uint8_t* at = rows.bytes.data();
  const std::span<const int32_t> sizes = rows.sizes.span();
  if (sorted) {
    const auto* const bytes = reinterpret_cast<const char*>(at);
    const auto size = static_cast<size_t>(sizes.back());
    return {std::string_view(bytes, static_cast<size_t>(sizes.front())),
            std::string_view(bytes + rows.bytes.size() - size, size)};
  }
  return rows.shape.nullable() ? UnsortedExtremesOf<true>(rows) : UnsortedExtremesOf<false>(rows);
}

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

/// How many of the first `size` bytes are whole characters, if the bytes are text.
size_t WholeCharacters(std::string_view value, const BoundShape& shape) {
  size_t size = shape.bytes_max;
  while (shape.is_text && size > 0 && IsContinuation(value[size])) --size;
  return size;
}

Bound CutDown(std::string_view value, const BoundShape& shape) {
  if (value.size() <= shape.bytes_max) return {.value = std::string(value)};
  return {.value = std::string(value.substr(0, WholeCharacters(value, shape))), .exact = false};
}

/// Changes the last byte to the next one, or takes it away if there is none. False if nothing is left.
bool StepUpByte(std::string& value) {
  while (!value.empty() && static_cast<uint8_t>(value.back()) == 0xFF) value.pop_back();
  if (value.empty()) return false;
  ++value.back();
  return true;
}

/// The character that follows in UTF-8 and has as many bytes; nothing if there is none, or if it is no character.
std::optional<std::string> NextCharacter(std::string_view character) {
  constexpr uint8_t kLeads[] = {0x00, 0xC0, 0xE0, 0xF0};
  constexpr uint32_t kLasts[] = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};
  if (character.size() > std::size(kLeads)) return std::nullopt;
  const uint8_t lead = kLeads[character.size() - 1];
  const uint8_t lead_bits = character.size() == 1 ? 0x7F : static_cast<uint8_t>(0x3F >> (character.size() - 1));
  if ((static_cast<uint8_t>(character[0]) & ~lead_bits & 0xFF) != lead) return std::nullopt;
  uint32_t code = static_cast<uint8_t>(character[0]) & lead_bits;
  for (const char byte : character.substr(1)) code = code << 6 | (static_cast<uint8_t>(byte) & 0x3F);
  // Surrogates are no characters.
  code = code == 0xD7FF ? 0xE000 : code + 1;
  if (code > kLasts[character.size() - 1]) return std::nullopt;
  std::string next(character.size(), '\0');
  for (size_t i = next.size() - 1; i > 0; --i, code >>= 6) next[i] = static_cast<char>(0x80 | (code & 0x3F));
  next[0] = static_cast<char>(lead | code);
  return next;
}

/// The same by characters.
bool StepUpCharacter(std::string& value) {
  while (!value.empty()) {
    size_t last = value.size() - 1;
    while (last > 0 && IsContinuation(value[last])) --last;
    const std::optional<std::string> next = NextCharacter(std::string_view(value).substr(last));
    value.resize(last);
    if (next) {
      value += *next;
      return true;
    }
  }
  return false;
}

std::optional<Bound> CutUp(std::string_view value, const BoundShape& shape) {
  if (value.size() <= shape.bytes_max) return Bound{.value = std::string(value)};
  Bound bound{.value = std::string(value.substr(0, WholeCharacters(value, shape))), .exact = false};
  const bool stepped = shape.is_text ? StepUpCharacter(bound.value) : StepUpByte(bound.value);
  if (stepped) return bound;
  if (value.size() > kBoundBytesMax) return std::nullopt;
  return Bound{.value = std::string(value)};
}

}  // namespace

Bound CutDown(Bound bound, const BoundShape& shape) {
  return bound.value.size() <= shape.bytes_max ? std::move(bound) : CutDown(std::string_view(bound.value), shape);
}

std::optional<Bound> CutUp(Bound bound, const BoundShape& shape) {
  std::optional<Bound> cut = CutUp(std::string_view(bound.value), shape);
  // One that stays whole may have been cut before.
  if (cut && cut->exact) cut->exact = bound.exact;
  return cut;
}

std::optional<PageBounds> BoundsOf(const PageRows& rows, bool sorted, const BoundShape& shape) {
  switch (rows.shape.type) {
    case PhysicalType::kBoolean:
      return FixedBounds<uint8_t>(rows, sorted);
    case PhysicalType::kInt32:
      return FixedBounds<int32_t>(rows, sorted);
    case PhysicalType::kInt64:
      return FixedBounds<int64_t>(rows, sorted);
    case PhysicalType::kFloat:
      return FixedBounds<float>(rows, sorted);
    case PhysicalType::kDouble:
      return FixedBounds<double>(rows, sorted);
    default:
      break;
  }
  SLEEPER_CHECK(rows.shape.type == PhysicalType::kByteArray, "not the type of a column");
  const auto [min, max] = ExtremesOf(rows, sorted);
  std::optional<Bound> upper = CutUp(max, shape);
  if (!upper) return std::nullopt;
  return PageBounds{CutDown(min, shape), *std::move(upper)};
}

bool IsLess(std::string_view value, std::string_view other, PhysicalType type) {
  switch (type) {
    case PhysicalType::kBoolean:
      return ValueOf<uint8_t>(value) < ValueOf<uint8_t>(other);
    case PhysicalType::kInt32:
      return ValueOf<int32_t>(value) < ValueOf<int32_t>(other);
    case PhysicalType::kInt64:
      return ValueOf<int64_t>(value) < ValueOf<int64_t>(other);
    case PhysicalType::kFloat:
      return ValueOf<float>(value) < ValueOf<float>(other);
    case PhysicalType::kDouble:
      return ValueOf<double>(value) < ValueOf<double>(other);
    default:
      return value < other;
  }
}

void Widen(PageBounds& bounds, const PageBounds& added, PhysicalType type) {
  if (IsLess(added.min.value, bounds.min.value, type)) bounds.min = added.min;
  if (IsLess(bounds.max.value, added.max.value, type)) bounds.max = added.max;
}

}  // namespace sleeper::file
