#include "sleeper/state/testing/sealed_bytes.h"

#include <algorithm>

#include "sleeper/base/buffer.h"
#include "sleeper/state/byte_codec.h"
#include "sleeper/state/frame.h"
#include "sleeper/state/snapshot.h"
#include "sleeper/state/state_digest.h"

namespace sleeper::state {

namespace {

constexpr auto kFooterBytes = static_cast<size_t>(kSnapshotFooterBytes);
/// Where a footer says where the index is.
constexpr size_t kIndexOffsetAt = 16;
/// The version that a snapshot is given: readers take all sections in it.
constexpr uint32_t kSealedVersion = 1;

std::string Little(uint64_t value) {
  ByteWriter out;
  out.U64(value);
  return std::move(out).Take();
}

/// `bytes` up to the footer, and a footer for the index at `index_offset`.
std::string WithFooter(std::string bytes, size_t index_offset) {
  ByteWriter footer;
  footer.Raw(kSnapshotMagic);
  footer.U32(kSealedVersion);
  footer.U32(0);
  footer.U64(index_offset);
  footer.U64(bytes.size() - index_offset);
  const uint64_t checksum = Checksum(bytes.substr(index_offset) + footer.bytes());
  footer.U64(checksum);
  return bytes + footer.bytes();
}

}  // namespace

std::string SealFrame(std::string_view magic, uint32_t version, std::string_view bytes) {
  return MakeFrame(magic, version, bytes.substr(std::min(bytes.size(), kFrameBytes)));
}

std::string SealSnapshot(std::string_view bytes) {
  const size_t head = kSnapshotMagic.size();
  if (bytes.size() < head + kFooterBytes) return std::string(bytes);
  const size_t end = bytes.size() - kFooterBytes;
  ByteReader in(bytes.substr(end + kIndexOffsetAt, 8));
  const auto index_offset = static_cast<size_t>(std::clamp<uint64_t>(in.U64(), head, end));
  std::string sealed = std::string(kSnapshotMagic) + std::string(bytes.substr(head, end - head));
  const Result<SnapshotSummary> summary =
      SummariseSnapshot(Buffer::FromString(WithFooter(sealed, index_offset)), "snapshot");
  if (!summary.ok()) return WithFooter(std::move(sealed), index_offset);
  size_t at = index_offset;
  for (const SnapshotChunk& chunk : summary->chunks) {
    at = sealed.find(Little(chunk.checksum), at);
    if (at == std::string::npos) break;
    const uint64_t checksum = Checksum(std::string_view(sealed).substr(static_cast<size_t>(chunk.range.offset),
                                                                       static_cast<size_t>(chunk.range.size)));
    sealed.replace(at, 8, Little(checksum));
    at += 8;
  }
  return WithFooter(std::move(sealed), index_offset);
}

}  // namespace sleeper::state
