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

/// The version of docs/formats/data-file.md that this program writes. Others are refused.
inline constexpr int kDataFileFormat = 1;

/// Named items of a Parquet footer.
using FooterItems = std::vector<std::pair<std::string, std::string>>;

/// What a file's footer says of the file: bounds, rows, row hash, the table's schema, the format's version.
FooterItems FooterItemsOf(const DataFileSummary& summary, const model::Schema& schema);

/// Reads it back, all but size and tail. kCorrupt if an item is missing or malformed, or if the schema is not `schema`;
/// kInvalid if a newer version wrote the file.
Result<DataFileSummary> ReadFooterItems(const FooterItems& items, const model::Schema& schema);

}  // namespace sleeper::file
