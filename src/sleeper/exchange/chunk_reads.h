#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/input_source.h"

namespace sleeper::exchange {

/// Whether a source is told what will be read.
enum class TellAhead { kNo, kYes };

/// Several column chunks of one input, side by side, each read from begin to end. A source that is far away is told
/// ahead which bytes come next, of all chunks in proportion to what is left of them, so that they all run out together.
/// Confined.
class ChunkReads {
 public:
  /// REQUIRES: the chunks lie inside of the source, which outlives this.
  ChunkReads(InputSource& source, std::vector<ByteRange> chunks, TellAhead tell, const CallContext& call);

  /// The bytes of a chunk that were not taken yet: `size` of them, or all if fewer are left; perhaps more.
  Result<Buffer> Front(size_t chunk, int64_t size);

  /// Takes the first `size` bytes. REQUIRES: Front() had them.
  void Take(size_t chunk, int64_t size);

  /// How many bytes were not taken yet.
  int64_t left(size_t chunk) const { return chunks_[chunk].end - chunks_[chunk].begin; }

 private:
  struct Chunk {
    /// What was not taken yet.
    int64_t begin = 0;
    int64_t end = 0;
    /// The source was told of the bytes before this.
    int64_t told = 0;
    /// Bytes that have been read, from begin on.
    Buffer front;
  };

  Status Tell();

  InputSource& source_;
  const CallContext call_;
  std::vector<Chunk> chunks_;
  bool tells_;
};

}  // namespace sleeper::exchange
