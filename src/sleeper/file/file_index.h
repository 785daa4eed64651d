#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/status.h"
#include "sleeper/file/data_file_summary.h"
#include "sleeper/file/page_index.h"
#include "sleeper/file/parquet_format.h"
#include "sleeper/file/parquet_metadata.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/model/schema.h"

namespace sleeper::file {

/// A Bloom filter of one column of one row group. Value.
struct BloomIndex {
  /// Where it lies, without its header.
  ByteRange bits;
  /// Of each of its sectors.
  std::vector<uint32_t> checksums;
};

/// Where the pages of one column of one row group lie. Value.
struct LeafIndex {
  Codec codec = Codec::kNone;
  /// That pages may have, as the footer says.
  EncodingSet encodings = ~EncodingSet{0};
  /// Ascending, with a first row each; they lie in the file without gaps.
  OffsetIndex pages;
  /// In front of the pages, if its size is not 0.
  ByteRange dictionary;
  std::optional<BloomIndex> bloom;
};

/// Rows of a row group whose keys are known to lie in some range: those of one page of the first row key. Value.
struct KeyPage {
  int64_t first_row = 0;
  int64_t rows = 0;
  /// A leading part of a key, not above any key of the page.
  model::NormalisedKey lower;
  /// A leading part of a key: no key of the page is above all keys that begin with it. Nothing if that is not known.
  std::optional<model::NormalisedKey> last_prefix;

  bool Overlaps(const model::KeyInterval& interval) const;
  /// True if every key of the page is inside.
  bool IsWithin(const model::KeyInterval& interval) const;
};

struct RowGroupIndex {
  int64_t rows = 0;
  /// One for each Parquet column.
  std::vector<LeafIndex> leaves;
  std::vector<KeyPage> key_pages;
};

/// Everything in a file's tail, parsed and checked against the file's size and itself: offsets, counts and row numbers
/// are safe to use. Immutable.
struct FileIndex {
  DataFileSummary summary;
  /// What the rest was read from.
  ParquetMetadata footer;
  /// DataFileSettings::Text() of its writer, or empty.
  std::string settings;
  std::vector<RowGroupIndex> row_groups;
};

/// The footer alone: how long the tail is that ReadFileIndex needs, given the last bytes of the file. kCorrupt if there
/// is no footer; if `end_of_file` is too short to hold it, the answer is a length to try again with.
Result<int64_t> TailBytesOf(const Buffer& end_of_file, int64_t size_bytes);

/// The column index of a chunk; nothing if it has none. kCorrupt if it lies outside of the tail, or is broken.
Result<std::optional<ColumnIndex>> ReadColumnIndex(const Buffer& tail, int64_t size_bytes,
                                                   const ColumnChunkMetadata& chunk);

/// Reads the last bytes of a file of `size_bytes` bytes. kCorrupt if anything in them is wrong, or too short.
Result<FileIndex> ReadFileIndex(const Buffer& tail, int64_t size_bytes, const model::Schema& schema);

}  // namespace sleeper::file
