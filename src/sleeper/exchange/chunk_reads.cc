#include "sleeper/exchange/chunk_reads.h"

#include <algorithm>

namespace sleeper::exchange {
namespace {

/// Read beyond what is asked for, of each chunk: one read brings several small pages, or a large one and the header
/// behind it.
constexpr int64_t kAheadBytes = int64_t{256} << 10;
constexpr int64_t kAheadOfLargeBytes = int64_t{4} << 10;

/// Shares of what is read ahead that are smaller than this would be asked for anew too often.
constexpr int64_t kShareBytesMin = int64_t{1} << 20;

}  // namespace

ChunkReads::ChunkReads(InputSource& source, std::vector<ByteRange> chunks, TellAhead tell, const CallContext& call)
    : source_(source), call_(call) {
  const auto count = static_cast<int64_t>(std::max<size_t>(1, chunks.size()));
  tells_ = tell == TellAhead::kYes && kObjectAheadBytesMax / count >= kShareBytesMin;
  for (const ByteRange& range : chunks) chunks_.push_back({range.offset, range.end(), range.offset, Buffer()});
}

Status ChunkReads::Tell() {
  int64_t total = 0;
  for (const Chunk& chunk : chunks_) total += chunk.end - chunk.begin;
  const double share = std::min(1.0, static_cast<double>(kObjectAheadBytesMax) / static_cast<double>(total));
  std::vector<ByteRange> ranges;
  for (Chunk& chunk : chunks_) {
    const auto size = static_cast<int64_t>(static_cast<double>(chunk.end - chunk.begin) * share);
    chunk.told = chunk.begin + size;
    if (size > 0) ranges.push_back({chunk.begin, size});
  }
  return source_.Prefetch(ranges, call_);
}

Result<Buffer> ChunkReads::Front(size_t index, int64_t size) {
  Chunk& chunk = chunks_[index];
  const int64_t left = chunk.end - chunk.begin;
  const int64_t needed = std::min(size, left);
  if (chunk.front.size() >= needed) return chunk.front;
  if (tells_ && chunk.begin + needed > chunk.told) TRY(Tell());
  int64_t wanted = std::min(left, needed + (needed < kAheadBytes ? kAheadBytes : kAheadOfLargeBytes));
  if (chunk.told >= chunk.begin + needed) wanted = std::min(wanted, chunk.told - chunk.begin);
  TRY_ASSIGN(chunk.front, source_.ReadAt({chunk.begin, wanted}, call_));
  if (chunk.front.size() != wanted) {
    return Error(ErrorKind::kInvalid, source_.name(), ": a read of ", wanted, " bytes gave ", chunk.front.size());
  }
  return chunk.front;
}

void ChunkReads::Take(size_t index, int64_t size) {
  Chunk& chunk = chunks_[index];
  chunk.front = chunk.front.Slice({size, chunk.front.size() - size});
  chunk.begin += size;
}

}  // namespace sleeper::exchange
