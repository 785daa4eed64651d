#pragma once

#include <cstdint>
#include <span>

#include "sleeper/base/status.h"
#include "sleeper/file/page_header.h"

namespace sleeper::file {

/// Parses the header at the begin of `bytes`, which are a page as the index locates it, and checks that header and body
/// take all of them and that the body has its checksum. kCorrupt otherwise.
Result<ParsedPageHeader> CheckPage(std::span<const uint8_t> bytes);

}  // namespace sleeper::file
