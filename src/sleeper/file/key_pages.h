#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/file/file_index.h"
#include "sleeper/model/type.h"

namespace sleeper::file {

/// What the page indexes say of one row-key column of a row group. Value.
struct KeyColumnPages {
  model::TypeKind type;
  std::vector<int64_t> first_rows;
  /// The least and greatest value of each page, as Parquet encodes them plainly; empty if they are not known.
  std::vector<std::string> min_values;
  std::vector<std::string> max_values;
};

/// Ranges of whole keys out of the ranges of their columns: the pages of the first row key, each with bounds made of
/// all row keys. Where a page holds one value of a field only, the next field narrows the bounds further, so that a
/// table whose first keys are few is still cut finely. kCorrupt if a value has the wrong length.
/// REQUIRES: `columns` is not empty.
Result<std::vector<KeyPage>> KeyPagesOf(std::span<const KeyColumnPages> columns, int64_t rows);

}  // namespace sleeper::file
