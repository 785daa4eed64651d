#include "sleeper/file/bloom_filter.h"

#define XXH_INLINE_ALL
#include <algorithm>
#include <bit>
#include <cstring>
#include <xxhash.h>

#include "sleeper/file/crc32.h"
#include "sleeper/file/thrift_compact.h"

namespace sleeper::file {
namespace {

constexpr size_t kWords = kBloomBlockBytes / sizeof(uint32_t);

constexpr uint32_t kSalts[kWords] = {0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d,
                                     0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};

// The only ones of their kind that Parquet has.
constexpr int kSplitBlock = 1;
constexpr int kXxHash = 1;
constexpr int kUncompressed = 1;

/// The words of a block with the bits that a value sets in them.
struct Block {
  uint32_t words[kWords];

  static Block Of(uint64_t hash) {
    Block block;
    for (size_t i = 0; i < kWords; ++i) {
      block.words[i] = uint32_t{1} << ((static_cast<uint32_t>(hash) * kSalts[i]) >> 27);
    }
    return block;
  }

  static Block Load(const uint8_t* bytes) {
    static_assert(std::endian::native == std::endian::little);
    Block block;
    std::memcpy(&block, bytes, sizeof block);
    return block;
  }

  bool Holds(const Block& other) const {
    uint32_t missing = 0;
    for (size_t i = 0; i < kWords; ++i) missing |= other.words[i] & ~words[i];
    return missing == 0;
  }

  void Add(const Block& other) {
    for (size_t i = 0; i < kWords; ++i) words[i] |= other.words[i];
  }
};

/// Adds a value. True if it was not there yet.
bool Add(std::vector<uint8_t>& filter, uint64_t hash) {
  uint8_t* const at = filter.data() + BloomBlockOf(hash, static_cast<int64_t>(filter.size()));
  Block block = Block::Load(at);
  const Block added = Block::Of(hash);
  if (block.Holds(added)) return false;
  block.Add(added);
  std::memcpy(at, &block, sizeof block);
  return true;
}

/// Calls `function` with the slot and the hash of each value that is not null, until it returns false.
template <typename Function>
void ForEachHash(const PageRows& rows, Function function) {
  const auto width = static_cast<size_t>(WidthOf(rows.shape.type));
  const uint8_t* bytes = rows.bytes.data();
  for (size_t i = 0; i < static_cast<size_t>(rows.slots); ++i) {
    if (rows.shape.nullable() && rows.valid[i] == 0) continue;
    // Nulls have no bytes.
    const size_t size = width > 0 ? width : static_cast<size_t>(rows.sizes[i]);
    const uint8_t* const value = width > 0 ? rows.fixed.data() + i * width : bytes;
    if (!function(static_cast<int64_t>(i), BloomHashOf({value, size}))) return;
    if (width == 0) bytes += size;
  }
}

/// Makes the filter half as large: a value's block has half of its number then.
void Fold(std::vector<uint8_t>& filter) {
  const size_t half = filter.size() / 2;
  for (size_t at = 0; at < half; at += kBloomBlockBytes) {
    Block block = Block::Load(filter.data() + 2 * at);
    block.Add(Block::Load(filter.data() + 2 * at + kBloomBlockBytes));
    std::memcpy(filter.data() + at, &block, sizeof block);
  }
  filter.resize(half);
}

}  // namespace

uint64_t BloomHashOf(std::span<const uint8_t> plain) { return XXH64(plain.data(), plain.size(), 0); }

int64_t BloomBlockOf(uint64_t hash, int64_t bytes) {
  const auto blocks = static_cast<uint64_t>(bytes / kBloomBlockBytes);
  return static_cast<int64_t>(((hash >> 32) * blocks) >> 32) * kBloomBlockBytes;
}

bool MayHold(std::span<const uint8_t> block, uint64_t hash) { return Block::Load(block.data()).Holds(Block::Of(hash)); }

ByteRange BloomBitsIn(const ByteRange& filter) {
  const auto size = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(filter.size)));
  return {filter.end() - size, size};
}

std::string BloomHeaderOf(int64_t bytes) {
  const auto nothing = [] {};
  ThriftWriter out;
  out.StructElement([&] {
    out.Int32(1, static_cast<int32_t>(bytes));
    out.Struct(2, [&] { out.Struct(kSplitBlock, nothing); });
    out.Struct(3, [&] { out.Struct(kXxHash, nothing); });
    out.Struct(4, [&] { out.Struct(kUncompressed, nothing); });
  });
  return out.bytes();
}

Status CheckBloomFilter(std::span<const uint8_t> bytes) {
  int64_t promised = 0;
  int kinds[] = {0, 0, 0};
  ThriftReader in(bytes);
  in.Struct([&](int field) {
    if (field == 1) {
      promised = in.Int32();
    } else if (field >= 2 && field <= 4) {
      in.Struct([&](int kind) {
        kinds[field - 2] = kind;
        in.Skip();
      });
    } else {
      in.Skip();
    }
  });
  if (!in.ok()) return Error(ErrorKind::kCorrupt, "a Bloom filter does not begin as one");
  if (kinds[0] != kSplitBlock || kinds[1] != kXxHash || kinds[2] != kUncompressed) {
    return Error(ErrorKind::kCorrupt, "a Bloom filter is of a kind that is not written");
  }
  const bool possible =
      promised >= kBloomBytesMin && promised <= kBloomBytesMax && std::has_single_bit(static_cast<uint64_t>(promised));
  if (!possible || promised != static_cast<int64_t>(in.rest().size())) {
    return Error(ErrorKind::kCorrupt, "a Bloom filter promises ", promised, " bytes and has ", in.rest().size());
  }
  return Status::OK();
}

std::vector<uint32_t> SectorChecksumsOf(std::span<const uint8_t> filter) {
  std::vector<uint32_t> checksums;
  for (size_t at = 0; at < filter.size(); at += kBloomSectorBytes) {
    const size_t size = std::min<size_t>(kBloomSectorBytes, filter.size() - at);
    checksums.push_back(Crc32(0, filter.subspan(at, size)));
  }
  return checksums;
}

Result<std::span<const uint8_t>> ProvedBloomBits(std::span<const uint8_t> bytes, std::span<const uint32_t> checksums) {
  TRY(CheckBloomFilter(bytes));
  const auto bits = bytes.last(std::bit_floor(bytes.size()));
  if (!std::ranges::equal(SectorChecksumsOf(bits), checksums)) {
    return Error(ErrorKind::kCorrupt, "the checksum of a Bloom filter is wrong");
  }
  return bits;
}

std::optional<int64_t> FirstMissing(std::span<const uint8_t> filter, const PageRows& rows) {
  std::optional<int64_t> missing;
  ForEachHash(rows, [&](int64_t slot, uint64_t hash) {
    const auto block = static_cast<size_t>(BloomBlockOf(hash, static_cast<int64_t>(filter.size())));
    if (!MayHold(filter.subspan(block, kBloomBlockBytes), hash)) missing = slot;
    return !missing;
  });
  return missing;
}

void BloomFilterBuilder::AddPage(const PageRows& rows) {
  ForEachHash(rows, [&](int64_t, uint64_t hash) {
    if (hashes_.empty() || hashes_.back() != hash) hashes_.push_back(hash);
    return true;
  });
}

int64_t BloomFilterBuilder::BytesFor(int64_t values) const {
  const uint64_t bytes = std::bit_ceil(static_cast<uint64_t>(values * bits_ + 7) / 8);
  return std::clamp(static_cast<int64_t>(bytes), kBloomBytesMin, kBloomBytesMax);
}

std::vector<uint8_t> BloomFilterBuilder::Finish() const {
  std::vector<uint8_t> filter(static_cast<size_t>(BytesFor(static_cast<int64_t>(hashes_.size()))));
  // A filter of this size hardly takes a new value for an old one, so that it counts the distinct ones.
  int64_t distinct = 0;
  for (const uint64_t hash : hashes_) distinct += file::Add(filter, hash) ? 1 : 0;
  while (static_cast<int64_t>(filter.size()) > BytesFor(distinct)) Fold(filter);
  return filter;
}

}  // namespace sleeper::file
