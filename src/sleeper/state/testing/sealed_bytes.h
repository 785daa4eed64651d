#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sleeper::state {

// Bytes that were changed at random, with checksums that fit again: what a decoder does behind its checksums is reached
// only so.

/// What follows the frame's head in `bytes`, in a frame of that kind and version.
std::string SealFrame(std::string_view magic, uint32_t version, std::string_view bytes);

/// A snapshot with the chunks and the index of `bytes`, as far as they can be found.
std::string SealSnapshot(std::string_view bytes);

}  // namespace sleeper::state
