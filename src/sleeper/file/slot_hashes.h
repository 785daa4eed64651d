#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "sleeper/base/check.h"
#include "sleeper/columnar/value_hash.h"
#include "sleeper/file/page_rows.h"
#include "sleeper/model/schema.h"

namespace sleeper::file {

/// The hashes of a page's values of fixed size, slot by slot from a mark on. Value.
template <typename T>
class FixedSlots {
 public:
  FixedSlots(columnar::value_hash::FieldKey key, const PageRows& page, PageMark mark)
      : key_(key), values_(page.fixed.data() + static_cast<size_t>(mark.slots) * sizeof(T)) {}

  uint64_t operator()(size_t slot) const {
    T value;
    std::memcpy(&value, values_ + slot * sizeof(T), sizeof(T));
    if constexpr (std::is_floating_point_v<T>) {
      return columnar::value_hash::HashNumber(key_, static_cast<double>(value));
    } else {
      return columnar::value_hash::HashInteger(key_, value);
    }
  }

 private:
  columnar::value_hash::FieldKey key_;
  const uint8_t* values_;
};

/// The same of strings and bytes. Each slot has to be asked for once, in order.
class BytesSlots {
 public:
  BytesSlots(columnar::value_hash::FieldKey key, const PageRows& page, PageMark mark)
      : key_(key), sizes_(page.sizes.data() + mark.slots), value_(page.bytes.data() + mark.bytes) {}

  uint64_t operator()(size_t slot) {
    const auto size = static_cast<size_t>(sizes_[slot]);
    const uint8_t* const begin = value_;
    value_ += size;
    // The page has slack behind its last value.
    return size <= columnar::value_hash::kBlock ? columnar::value_hash::HashShortBytes(key_, begin, size)
                                                : columnar::value_hash::HashLongBytes(key_, begin, size);
  }

 private:
  columnar::value_hash::FieldKey key_;
  const int32_t* sizes_;
  const uint8_t* value_;
};

/// Calls `use` with what hashes the slots of a page of primitive values of this kind, nulls aside: by value, so that it
/// stays in registers.
template <typename Use>
void WithSlotHashes(model::TypeKind kind, columnar::value_hash::FieldKey key, const PageRows& page, PageMark mark,
                    Use use) {
  switch (kind) {
    case model::TypeKind::kInt:
    case model::TypeKind::kDate:
      return use(FixedSlots<int32_t>(key, page, mark));
    case model::TypeKind::kLong:
    case model::TypeKind::kTimestamp:
      return use(FixedSlots<int64_t>(key, page, mark));
    case model::TypeKind::kBoolean:
      return use(FixedSlots<uint8_t>(key, page, mark));
    case model::TypeKind::kFloat:
      return use(FixedSlots<float>(key, page, mark));
    case model::TypeKind::kDouble:
      return use(FixedSlots<double>(key, page, mark));
    case model::TypeKind::kString:
    case model::TypeKind::kBytes:
      return use(BytesSlots(key, page, mark));
    case model::TypeKind::kList:
    case model::TypeKind::kMap:
      break;
  }
  SLEEPER_CHECK(false, "not a primitive type: ", static_cast<int>(kind));
}

}  // namespace sleeper::file
