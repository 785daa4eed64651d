#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "sleeper/base/status.h"
#include "sleeper/exchange/chunk_reads.h"
#include "sleeper/file/column_page.h"
#include "sleeper/file/page_header.h"

namespace sleeper::exchange {

/// The pages of one flat column chunk of a foreign Parquet file, decoded one after the other. Confined.
class PageStream {
 public:
  struct Chunk {
    std::shared_ptr<ChunkReads> reads;
    /// Its number there.
    size_t number = 0;
    file::Codec codec = file::Codec::kNone;
    file::LeafShape shape;
    /// A page, or a dictionary, that promises to be larger is refused.
    int64_t page_bytes_max = file::kPageBytesMax;
  };

  explicit PageStream(std::shared_ptr<file::PageDecoder> decoder) : decoder_(std::move(decoder)) {}

  /// Goes on with another chunk; memory is kept.
  void Start(Chunk chunk);

  /// Makes page() the next page that has rows. kCorrupt if there is none, or if it is damaged or of a kind that is not
  /// read here, which other readers may know; kInvalid if it is larger than allowed.
  Status Load();

  /// REQUIRES: Load() succeeded.
  const file::ColumnPage& page() const { return page_; }

  /// How many pages of the chunk have been begun, a dictionary included.
  int64_t pages() const { return pages_; }

 private:
  struct Taken {
    file::PageHeader header;
    Buffer bytes;
    int64_t header_bytes = 0;

    std::span<const uint8_t> body() const { return bytes.span().subspan(static_cast<size_t>(header_bytes)); }
  };

  Result<file::ParsedPageHeader> ReadHeader();
  /// Takes the next page's bytes and checks its size and its checksum.
  Result<Taken> Take();
  Status LoadDictionary(const Taken& taken);

  std::shared_ptr<file::PageDecoder> decoder_;
  Chunk chunk_;
  std::shared_ptr<const file::ColumnPage> dictionary_;
  file::ColumnPage page_;
  int64_t pages_ = 0;
};

}  // namespace sleeper::exchange
