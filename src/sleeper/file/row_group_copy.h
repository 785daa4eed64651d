#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/status.h"
#include "sleeper/file/data_file_summary.h"
#include "sleeper/file/file_index.h"
#include "sleeper/file/page_index.h"
#include "sleeper/file/parquet_metadata.h"

namespace sleeper::file {

/// A row group as it lies in a data file, on its way into another one: nothing of it is decoded. Value.
struct RowGroupCopy {
  RowGroupSummary summary;
  RowGroupMetadata metadata;
  std::vector<OffsetIndex> offset_indexes;
  std::vector<std::optional<ColumnIndex>> column_indexes;
  /// Where the column chunks and, behind them, their Bloom filters lay in their file, side by side. Offsets in the
  /// indexes and the metadata count as there.
  ByteRange range;
  /// The bytes of the range, in order; no page is in two of the buffers.
  std::vector<Buffer> bytes;

  /// Changes all offsets for a file in which the chunks begin at `begin`.
  void MoveTo(int64_t begin);
};

/// What of a file's tail is needed to copy its row groups. Immutable.
class CopyableRowGroups {
  /// Only Read can make one.
  struct Made {};

 public:
  CopyableRowGroups(Made, std::shared_ptr<const FileIndex> index, std::vector<RowGroupSummary> summaries);

  /// Nothing if the file does not say enough of its row groups. kCorrupt if an index is broken. `index` is what
  /// ReadFileIndex has read in `tail`.
  static Result<std::shared_ptr<const CopyableRowGroups>> Read(const Buffer& tail,
                                                               std::shared_ptr<const FileIndex> index,
                                                               const model::Schema& schema);

  const RowGroupSummary& summary(size_t row_group) const { return summaries_[row_group]; }

  /// A row group without its bytes: `range` tells which ones are wanted.
  RowGroupCopy Describe(size_t row_group) const;

 private:
  std::shared_ptr<const FileIndex> index_;
  std::vector<RowGroupSummary> summaries_;
  /// Row group by row group, column by column.
  std::vector<std::vector<std::optional<ColumnIndex>>> column_indexes_;
};

/// Proves that the bytes are the pages and Bloom filters that the indexes name, by their headers and checksums.
/// kCorrupt otherwise.
Status CheckPages(const RowGroupCopy& copy);

}  // namespace sleeper::file
