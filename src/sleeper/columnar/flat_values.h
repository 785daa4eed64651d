#pragma once

#include <cstdint>

namespace sleeper::columnar {

/// Where a value of variable size lies among the bytes of its page. Value.
struct ByteView {
  uint32_t begin = 0;
  uint32_t size = 0;
};

/// Values of one column, a slot for each, nulls included: at any index, without decoding. Points into memory of a page;
/// 16 bytes behind each value may be read. Value.
struct FlatValues {
  int64_t count = 0;
  int64_t nulls = 0;
  /// A byte for each slot, 1 or 0; null if there are no nulls.
  const uint8_t* valid = nullptr;
  /// Of types of fixed size: the values, one behind the other; those of nulls are 0.
  const uint8_t* fixed = nullptr;
  /// Of strings and bytes: where each lies in `bytes`, in any order; those of nulls are empty.
  const ByteView* views = nullptr;
  const uint8_t* bytes = nullptr;
};

}  // namespace sleeper::columnar
