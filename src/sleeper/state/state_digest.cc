#include "sleeper/state/state_digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sleeper/state/byte_codec.h"
#include "sleeper/state/layout.h"

namespace sleeper::state {

MapDigest CombineDigests(std::string_view header, std::span<const PersistentMap* const> maps) {
  ByteWriter bytes;
  bytes.Bytes(header);
  for (const PersistentMap* map : maps) {
    bytes.U64(static_cast<uint64_t>(map->size()));
    bytes.U64(map->digest().low);
    bytes.U64(map->digest().high);
  }
  const XXH128_hash_t hash = XXH3_128bits(bytes.bytes().data(), bytes.bytes().size());
  return {hash.low64, hash.high64};
}

uint64_t Checksum(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string FormatDigest(const MapDigest& digest) { return FormatUp(digest.high) + FormatUp(digest.low); }

}  // namespace sleeper::state
