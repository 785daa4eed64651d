#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sleeper/file/parquet_metadata.h"
#include "sleeper/model/schema.h"

namespace sleeper::engine {

/// What a data file's footer says of its row groups: rows, and of each column its bytes, bounds, nulls, index of pages
/// and Bloom filter. Bounds of bytes are base64, as everywhere.
nlohmann::ordered_json RowGroupsJson(const file::ParquetMetadata& footer, const model::Schema& schema);

}  // namespace sleeper::engine
