#include "sleeper/file/zstd_compressor.h"

// For ZSTD_c_literalCompressionMode. A library that does not know it says so, and nothing is cut short then.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

namespace sleeper::file {
namespace {

/// How far the search moves on after it has found nothing.
constexpr int kStepBytes = 1024;
/// Of what is found so, little is worth remembering: the table fits into the first-level cache.
constexpr int kHashBits = 10;

bool Set(ZSTD_CCtx* context, ZSTD_cParameter parameter, int value) {
  return ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)) == 0;
}

/// Without being told to, zstd leaves bytes outside of matches as they are when it moves in large steps.
bool CutSearchShort(ZSTD_CCtx* context) {
  return Set(context, ZSTD_c_compressionLevel, 1) && Set(context, ZSTD_c_strategy, ZSTD_fast) &&
         Set(context, ZSTD_c_targetLength, kStepBytes) && Set(context, ZSTD_c_hashLog, kHashBits) &&
         Set(context, ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
}

}  // namespace

void ZstdCompressor::FreeContext::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }

Status ZstdCompressor::SetUp() {
  thorough_.reset(ZSTD_createCCtx());
  cut_short_.reset(ZSTD_createCCtx());
  if (thorough_ == nullptr || cut_short_ == nullptr) return Error(ErrorKind::kExhausted, "out of memory");
  if (!Set(thorough_.get(), ZSTD_c_compressionLevel, level_)) {
    return Error(ErrorKind::kInvalid, "zstd has no level ", level_);
  }
  if (!CutSearchShort(cut_short_.get())) cut_short_ = nullptr;
  return Status::OK();
}

Result<std::span<const uint8_t>> ZstdCompressor::CompressWith(Context& context, std::span<const uint8_t> bytes,
                                                              SlackArray<uint8_t>& out) {
  out.Resize(ZSTD_compressBound(bytes.size()));
  const size_t size = ZSTD_compress2(context.get(), out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0) return Error(ErrorKind::kInternal, "zstd: ", ZSTD_getErrorName(size));
  return out.span().first(size);
}

Result<std::span<const uint8_t>> ZstdCompressor::Compress(std::span<const uint8_t> bytes, MatchSearch& search) {
  if (thorough_ == nullptr) TRY(SetUp());
  const bool is_trial = cut_short_ != nullptr && search.IsTrialDue();
  if (!is_trial) return CompressWith(search.cut_short() ? cut_short_ : thorough_, bytes, thorough_bytes_);
  TRY_ASSIGN(const auto thorough, CompressWith(thorough_, bytes, thorough_bytes_));
  TRY_ASSIGN(const auto cut_short, CompressWith(cut_short_, bytes, cut_short_bytes_));
  search.Report(thorough.size(), cut_short.size());
  return thorough.size() <= cut_short.size() ? thorough : cut_short;
}

}  // namespace sleeper::file
