#pragma once

#include <cstdint>
#include <span>

namespace sleeper::file {

/// Goes on with a CRC-32 (that of gzip and of Parquet's pages, which begins with 0) over more bytes.
uint32_t Crc32(uint32_t crc, std::span<const uint8_t> bytes);

/// The same without the processor's help; what Crc32 falls back to, and is tested with.
uint32_t PortableCrc32(uint32_t crc, std::span<const uint8_t> bytes);

}  // namespace sleeper::file
