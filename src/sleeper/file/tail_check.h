#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sleeper/base/status.h"
#include "sleeper/file/data_file_summary.h"

namespace sleeper::file {

/// Adds the item that proves a tail, still empty, behind all other items. SealTail fills it in.
void AddTailItem(FooterItems& items);

/// Fills in the item of a tail that is complete: its length and its checksum. `end` are the last of its bytes, from the
/// footer on; `bytes_before` of the tail lie in front of them, with the checksum `crc_before`.
void SealTail(std::string& end, int64_t bytes_before, uint32_t crc_before);

/// kCorrupt if the tail at the end of `bytes` is not the one that was written. Files of earlier versions of this
/// program cannot tell.
Status CheckTail(std::span<const uint8_t> bytes);

}  // namespace sleeper::file
