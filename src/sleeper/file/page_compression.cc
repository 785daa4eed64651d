#include "sleeper/file/page_compression.h"

#include <cstring>
#include <limits>
#include <lz4.h>
#include <snappy.h>
#include <utility>
#include <zstd.h>

#include <arrow/util/compression.h>

namespace sleeper::file {
namespace {

Status Damaged() { return Error(ErrorKind::kCorrupt, "a page's compressed bytes are damaged"); }

Result<std::unique_ptr<arrow::util::Codec>> MakeGzip(int level) {
  return arrow::util::Codec::Create(arrow::Compression::GZIP, level);
}

size_t CompressedBytesMax(Codec codec, size_t size, arrow::util::Codec* gzip) {
  switch (codec) {
    case Codec::kSnappy:
      return snappy::MaxCompressedLength(size);
    case Codec::kLz4:
      return static_cast<size_t>(LZ4_compressBound(static_cast<int>(size)));
    default:
      return static_cast<size_t>(gzip->MaxCompressedLen(static_cast<int64_t>(size), nullptr));
  }
}

}  // namespace

bool IsKnownCodec(Codec codec) {
  switch (codec) {
    case Codec::kNone:
    case Codec::kSnappy:
    case Codec::kGzip:
    case Codec::kZstd:
    case Codec::kLz4:
      return true;
    default:
      return false;
  }
}

void PageDecompressor::FreeContext::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

PageCompressor::PageCompressor(Codec codec, int level) : codec_(codec), level_(level), zstd_(level) {
  SLEEPER_CHECK(IsKnownCodec(codec) && codec != Codec::kNone, "not a codec: ", static_cast<int>(codec));
}
PageCompressor::~PageCompressor() = default;
PageCompressor::PageCompressor(PageCompressor&&) noexcept = default;
PageCompressor& PageCompressor::operator=(PageCompressor&&) noexcept = default;

Result<std::span<const uint8_t>> PageCompressor::Compress(std::span<const uint8_t> bytes, MatchSearch& search) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max() / 2)) {
    return Error(ErrorKind::kInvalid, "a page is too large to be compressed: ", bytes.size(), " bytes");
  }
  if (codec_ == Codec::kZstd) return zstd_.Compress(bytes, search);
  if (codec_ == Codec::kGzip && gzip_ == nullptr) {
    TRY_ASSIGN(gzip_, MakeGzip(level_));
  }
  const size_t size_max = CompressedBytesMax(codec_, bytes.size(), gzip_.get());
  compressed_.Resize(size_max);
  size_t size = 0;
  auto* const in = reinterpret_cast<const char*>(bytes.data());
  auto* const out = reinterpret_cast<char*>(compressed_.data());
  switch (codec_) {
    case Codec::kSnappy:
      snappy::RawCompress(in, bytes.size(), out, &size);
      break;
    case Codec::kLz4:
      size = static_cast<size_t>(
          LZ4_compress_default(in, out, static_cast<int>(bytes.size()), static_cast<int>(size_max)));
      if (size == 0) return Error(ErrorKind::kInternal, "lz4 failed");
      break;
    default: {
      TRY_ASSIGN(const int64_t gzip_size, gzip_->Compress(static_cast<int64_t>(bytes.size()), bytes.data(),
                                                          static_cast<int64_t>(size_max), compressed_.data()));
      size = static_cast<size_t>(gzip_size);
    }
  }
  return compressed_.span().first(size);
}

PageDecompressor::PageDecompressor() = default;
PageDecompressor::~PageDecompressor() = default;
PageDecompressor::PageDecompressor(PageDecompressor&&) noexcept = default;
PageDecompressor& PageDecompressor::operator=(PageDecompressor&&) noexcept = default;

Status PageDecompressor::Decompress(Codec codec, std::span<const uint8_t> bytes, std::span<uint8_t> out) {
  auto* const in = reinterpret_cast<const char*>(bytes.data());
  auto* const to = reinterpret_cast<char*>(out.data());
  // A page of nulls alone has no values, and some writers do not compress nothing.
  if (bytes.empty() && out.empty()) return Status::OK();
  switch (codec) {
    case Codec::kNone:
      if (bytes.size() != out.size()) return Error(ErrorKind::kCorrupt, "a page's sizes contradict each other");
      if (!bytes.empty()) std::memcpy(to, in, bytes.size());
      return Status::OK();
    case Codec::kZstd:
      if (zstd_ == nullptr) zstd_.reset(ZSTD_createDCtx());
      if (zstd_ == nullptr) return Error(ErrorKind::kExhausted, "out of memory");
      return ZSTD_decompressDCtx(zstd_.get(), to, out.size(), in, bytes.size()) == out.size() ? Status::OK()
                                                                                              : Damaged();
    case Codec::kSnappy: {
      size_t size = 0;
      const bool fits = snappy::GetUncompressedLength(in, bytes.size(), &size) && size == out.size();
      return fits && snappy::RawUncompress(in, bytes.size(), to) ? Status::OK() : Damaged();
    }
    case Codec::kLz4: {
      const int size = LZ4_decompress_safe(in, to, static_cast<int>(bytes.size()), static_cast<int>(out.size()));
      return size >= 0 && static_cast<size_t>(size) == out.size() ? Status::OK() : Damaged();
    }
    case Codec::kGzip: {
      if (gzip_ == nullptr) {
        TRY_ASSIGN(gzip_, MakeGzip(arrow::util::kUseDefaultCompressionLevel));
      }
      const auto size = gzip_->Decompress(static_cast<int64_t>(bytes.size()), bytes.data(),
                                          static_cast<int64_t>(out.size()), out.data());
      return size.ok() && *size == static_cast<int64_t>(out.size()) ? Status::OK() : Damaged();
    }
    default:
      return Error(ErrorKind::kInvalid, "pages of this compression cannot be read: codec ", static_cast<int>(codec));
  }
}

}  // namespace sleeper::file
