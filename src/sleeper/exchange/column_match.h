#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/exchange/input_reader.h"

namespace sleeper::exchange {

/// Which column of an input feeds which column of a layout.
struct ColumnMatch {
  /// For each column of the layout the input's column.
  std::vector<int> source_of;
  IgnoredColumns ignored;
};

/// Matches columns by their names, letter by letter. kInvalid if the input has two columns of one name, or lacks
/// columns of the layout; all of them are named. Columns without a name are ignored.
Result<ColumnMatch> MatchColumns(std::string_view input, std::span<const std::string> names,
                                 const columnar::Layout& layout);

}  // namespace sleeper::exchange
