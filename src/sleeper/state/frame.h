#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/status.h"

namespace sleeper::state {

/// What an object of this room begins with: docs/formats/log-entry.md, "Frame".
///
///   8 bytes magic, u32 version, u32 zero, u64 size of the payload, u64 checksum of all of these and the payload
inline constexpr size_t kFrameBytes = 32;

/// Eight bytes each, final.
inline constexpr std::string_view kEntryMagic = "SLPRLOG\n";
inline constexpr std::string_view kBodyMagic = "SLPRBDY\n";
inline constexpr std::string_view kSnapshotMagic = "SLPRSNP\n";

/// Puts a frame around `payload`.
std::string MakeFrame(std::string_view magic, uint32_t version, std::string_view payload);

/// The payload, in place. kCorrupt if the frame is not whole; kInvalid if its version is above `version_max`.
/// `what` names the object in messages.
Result<std::string_view> OpenFrame(std::string_view magic, uint32_t version_max, std::string_view bytes,
                                   std::string_view what);

}  // namespace sleeper::state
