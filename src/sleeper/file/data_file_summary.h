#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/model/file_record.h"
#include "sleeper/model/schema.h"

namespace sleeper::file {

/// What its writer knows of a finished file: all that a model::FileRecord needs besides the file's name and birth.
/// Value.
struct DataFileSummary {
  int64_t size_bytes = 0;
  /// The length of indexes and footer, which one read from the end fetches.
  int64_t tail_bytes = 0;
  model::KeyBounds bounds;
  int64_t rows = 0;
  model::RowHash row_hash;

  model::FileRecord Record(model::FileId id, model::LogNumber birth) const;

  friend bool operator==(const DataFileSummary&, const DataFileSummary&) = default;
};

/// What its writer knows of one row group. Value.
struct RowGroupSummary {
  model::RowHash row_hash;
  /// The row keys of its first and its last row.
  model::KeyBounds bounds;
  /// The CRC-32 of the headers of its pages, as they follow one another in the file. They say the checksums of the
  /// pages, so that it stands for all bytes.
  uint32_t headers_crc = 0;
  /// Of its Bloom filters, in the order of their columns: the CRC-32 of each sector.
  std::vector<std::vector<uint32_t>> bloom_checksums;

  friend bool operator==(const RowGroupSummary&, const RowGroupSummary&) = default;
};

/// The version of docs/formats/data-file.md that this program writes. Others are refused.
inline constexpr int kDataFileFormat = 1;

/// Named items of a Parquet footer.
using FooterItems = std::vector<std::pair<std::string, std::string>>;

/// What a file's footer says of the file: bounds, rows, row hash, the table's schema, the format's version.
FooterItems FooterItemsOf(const DataFileSummary& summary, const model::Schema& schema);

/// Reads it back, all but size and tail. kCorrupt if an item is missing or malformed, or if the schema is not `schema`;
/// kInvalid if a newer version wrote the file.
Result<DataFileSummary> ReadFooterItems(const FooterItems& items, const model::Schema& schema);

/// What a footer says of the settings that its file was written with, and of its row groups. Files of earlier versions
/// of this program say neither.
void AddRowGroupItems(std::string settings, std::span<const RowGroupSummary> row_groups, FooterItems& items);

/// The checksums of the Bloom filters, for each row group as its summary has them; none if the footer does not say.
/// kCorrupt if the item is malformed.
Result<std::vector<std::vector<std::vector<uint32_t>>>> ReadBloomItem(const FooterItems& items);

/// Empty if the footer does not say.
std::string ReadSettingsItem(const FooterItems& items);

/// All but the checksums of Bloom filters. Empty if the footer does not say. kCorrupt if the item is malformed, or does
/// not add up to the file's row hash.
Result<std::vector<RowGroupSummary>> ReadRowGroupItem(const FooterItems& items, const model::Schema& schema);

}  // namespace sleeper::file
