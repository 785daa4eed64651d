#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "sleeper/base/status.h"
#include "sleeper/file/parquet_format.h"
#include "sleeper/file/slack_array.h"
#include "sleeper/file/zstd_compressor.h"

namespace arrow::util {
class Codec;
}
struct ZSTD_DCtx_s;

namespace sleeper::file {

/// Whether pages of this codec can be read and written here.
bool IsKnownCodec(Codec codec);

/// Compresses pages, one after the other, of any columns. What a compressor needs to be set up stays set up: a zstd
/// context for each page would cost a sixth of a merge, and one for each column the memory that it takes. Confined.
class PageCompressor {
 public:
  /// `level` is that of zstd and gzip; the others have none. REQUIRES: IsKnownCodec(codec), and it is not kNone.
  PageCompressor(Codec codec, int level);
  ~PageCompressor();
  PageCompressor(PageCompressor&&) noexcept;
  PageCompressor& operator=(PageCompressor&&) noexcept;

  Codec codec() const { return codec_; }

  /// The compressed bytes, which live until the next call. `search` is that of the page's column.
  Result<std::span<const uint8_t>> Compress(std::span<const uint8_t> bytes, MatchSearch& search);

 private:
  Codec codec_;
  int level_;
  ZstdCompressor zstd_;
  std::unique_ptr<arrow::util::Codec> gzip_;
  SlackArray<uint8_t> compressed_;
};

/// Decompresses pages of any known codec. Confined.
class PageDecompressor {
 public:
  PageDecompressor();
  ~PageDecompressor();
  PageDecompressor(PageDecompressor&&) noexcept;
  PageDecompressor& operator=(PageDecompressor&&) noexcept;

  /// Fills `out` to its last byte. kCorrupt if the bytes are damaged or make another number of bytes.
  Status Decompress(Codec codec, std::span<const uint8_t> bytes, std::span<uint8_t> out);

 private:
  struct FreeContext {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, FreeContext> zstd_;
  std::unique_ptr<arrow::util::Codec> gzip_;
};

}  // namespace sleeper::file
