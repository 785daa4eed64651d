#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "sleeper/base/status.h"
#include "sleeper/file/parquet_format.h"
#include "sleeper/file/thrift_compact.h"

namespace sleeper::file {

/// What stands in front of a page's bytes. Value.
struct PageHeader {
  PageType type = PageType::kDataV2;
  /// Of the page's bytes, its levels included, as they are and once they are decompressed.
  int32_t compressed_bytes = 0;
  int32_t uncompressed_bytes = 0;
  /// The CRC-32 of the bytes as they are.
  std::optional<uint32_t> crc;

  /// Of data pages with their nulls, of dictionaries.
  int32_t values = 0;
  Encoding encoding = Encoding::kPlain;

  /// Of data pages of version 2 only.
  int32_t nulls = 0;
  int32_t rows = 0;
  int32_t definition_bytes = 0;
  int32_t repetition_bytes = 0;
  bool is_compressed = true;

  /// Of data pages of version 1 only.
  Encoding definition_encoding = Encoding::kRle;
  Encoding repetition_encoding = Encoding::kRle;

  friend bool operator==(const PageHeader&, const PageHeader&) = default;
};

/// Appends the header. REQUIRES: a data page of version 2, or a dictionary.
void WritePageHeader(const PageHeader& header, ThriftWriter& out);

struct ParsedPageHeader {
  PageHeader header;
  /// How many bytes it takes.
  int64_t bytes = 0;
};

/// Reads the header at the begin of `bytes`. kCorrupt if it is not one, or if its sizes and counts contradict each
/// other.
Result<ParsedPageHeader> ParsePageHeader(std::span<const uint8_t> bytes);

}  // namespace sleeper::file
