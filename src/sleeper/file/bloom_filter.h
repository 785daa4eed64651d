#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/status.h"
#include "sleeper/file/page_rows.h"

// The split-block Bloom filter of Parquet: a value sets one bit in each of the eight words of one block, so that asking
// for a value takes 32 bytes of the filter, wherever these lie.

namespace sleeper::file {

inline constexpr int64_t kBloomBlockBytes = 32;
/// A filter has a power of two of bytes, since not every reader takes another number.
inline constexpr int64_t kBloomBytesMin = kBloomBlockBytes;
inline constexpr int64_t kBloomBytesMax = int64_t{128} << 20;
/// So many bytes of a filter have a checksum of their own, and are read to ask for a value.
inline constexpr int64_t kBloomSectorBytes = 4096;

/// The hash of a value as Parquet encodes it plainly, of strings and bytes without their length.
uint64_t BloomHashOf(std::span<const uint8_t> plain);

/// Where the block of a value begins in a filter of `bytes` bytes.
int64_t BloomBlockOf(uint64_t hash, int64_t bytes);

/// Whether a block may be that of a column that holds the value. False is sure.
bool MayHold(std::span<const uint8_t> block, uint64_t hash);

/// Where the bits lie in what a footer says of a filter: a power of two of bytes, behind a structure that is shorter
/// than the least filter.
ByteRange BloomBitsIn(const ByteRange& filter);

/// The structure in front of a filter of so many bytes.
std::string BloomHeaderOf(int64_t bytes);

/// kCorrupt unless the bytes are such a structure and, to their end, the filter behind it.
Status CheckBloomFilter(std::span<const uint8_t> bytes);

/// Of each sector of a filter without what stands in front of it.
std::vector<uint32_t> SectorChecksumsOf(std::span<const uint8_t> filter);

/// The filter without what stands in front of it. kCorrupt unless it is one and has these checksums.
Result<std::span<const uint8_t>> ProvedBloomBits(std::span<const uint8_t> bytes, std::span<const uint32_t> checksums);

/// The first slot whose value is not in a filter, of a column that can have one; nothing if all are, or null.
std::optional<int64_t> FirstMissing(std::span<const uint8_t> filter, const PageRows& rows);

/// The filter of a column chunk's values, page by page. Keeps 8 bytes for each value until it is made. Confined.
class BloomFilterBuilder {
 public:
  /// `bits` is what a distinct value may take: 10 let one of a hundred absent values pass.
  explicit BloomFilterBuilder(int64_t bits) : bits_(bits) {}

  /// Booleans have none, nor do the elements of lists and maps.
  static bool CanFilter(const LeafShape& leaf) { return !leaf.repeated && leaf.type != PhysicalType::kBoolean; }

  /// REQUIRES: CanFilter(rows.shape).
  void AddPage(const PageRows& rows);

  /// The filter, as large as its distinct values want it.
  std::vector<uint8_t> Finish() const;

  /// Starts the next chunk.
  void Clear() { hashes_.clear(); }

 private:
  int64_t BytesFor(int64_t values) const;

  int64_t bits_;
  /// Equal ones that follow one another are there once.
  std::vector<uint64_t> hashes_;
};

}  // namespace sleeper::file
