#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "sleeper/base/status.h"
#include "sleeper/file/slack_array.h"

struct ZSTD_CCtx_s;

namespace sleeper::file {

/// What is known of the matches in the pages of one column: strings that occur in them again. Value.
///
/// To look for matches takes a third of the time that zstd needs, and letters or numbers without any order have none,
/// so that only their distribution makes them shorter. There the search is cut short; every kTrialInterval-th page, the
/// first one among them, is compressed both ways to see whether that is still so.
class MatchSearch {
 public:
  bool IsTrialDue() { return pages_++ % kTrialInterval == 0; }
  bool cut_short() const { return cut_short_; }

  /// Tells how large a page became each way.
  void Report(size_t thorough_bytes, size_t cut_short_bytes) {
    cut_short_ = cut_short_bytes <= thorough_bytes + thorough_bytes / kGrowthShare;
  }

 private:
  static constexpr uint32_t kTrialInterval = 16;
  /// A page may become larger by this part if that saves the search.
  static constexpr size_t kGrowthShare = 128;

  uint32_t pages_ = 0;
  bool cut_short_ = false;
};

/// Compresses pages with zstd, one after the other; its context stays set up. Confined.
class ZstdCompressor {
 public:
  explicit ZstdCompressor(int level) : level_(level) {}

  /// The compressed bytes, which live until the next call.
  Result<std::span<const uint8_t>> Compress(std::span<const uint8_t> bytes, MatchSearch& search);

 private:
  struct FreeContext {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  using Context = std::unique_ptr<ZSTD_CCtx_s, FreeContext>;

  Status SetUp();
  static Result<std::span<const uint8_t>> CompressWith(Context& context, std::span<const uint8_t> bytes,
                                                       SlackArray<uint8_t>& out);

  int level_;
  Context thorough_;
  /// Null if the library does not know how.
  Context cut_short_;
  SlackArray<uint8_t> thorough_bytes_;
  SlackArray<uint8_t> cut_short_bytes_;
};

}  // namespace sleeper::file
