#include "sleeper/columnar/value_hash.h"

namespace sleeper::columnar::value_hash {

uint64_t HashLongBytes(FieldKey key, const uint8_t* bytes, size_t size) {
  uint64_t hash = StartBytes(key, size);
  for (; size > kBlock; size -= kBlock, bytes += kBlock)
    hash = Fold(LoadWord(bytes) ^ key.a, LoadWord(bytes + 8) ^ hash);
  // The last block, also of no bytes at all, is filled up with zeros.
  uint8_t last[kBlock] = {};
  if (size > 0) std::memcpy(last, bytes, size);
  return Fold(LoadWord(last) ^ key.a, LoadWord(last + 8) ^ hash);
}

}  // namespace sleeper::columnar::value_hash
