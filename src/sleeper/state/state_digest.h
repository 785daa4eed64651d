#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sleeper/base/persistent_map.h"

namespace sleeper::state {

/// The digest of a state: over the bytes of its header and the sums of its maps, in a fixed order.
MapDigest CombineDigests(std::string_view header, std::span<const PersistentMap* const> maps);

/// XXH3, 64 bits, of `bytes`.
uint64_t Checksum(std::string_view bytes);

/// 32 hexadecimal digits.
std::string FormatDigest(const MapDigest& digest);

}  // namespace sleeper::state
