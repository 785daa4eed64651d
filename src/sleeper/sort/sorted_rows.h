#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sleeper/base/status.h"
#include "sleeper/file/data_file_writer.h"
#include "sleeper/model/key_interval.h"

namespace sleeper::sort {

/// Rows in key order that are to be written to data files. Whoever writes decides where files end; how the rows lie and
/// how they get into pages is known here alone. Confined; it waits inside its calls.
class SortedRows {
 public:
  virtual ~SortedRows() = default;

  /// The normalised row key of the next row; nothing at the end. It lives until the next call.
  virtual Result<std::optional<std::string_view>> NextRowKey() = 0;

  /// Appends rows to `writer`: the next ones whose row keys are less than `upper`, if it is given, at least one if
  /// there is one, and not more than a few thousand. Returns how many.
  virtual Result<int64_t> WriteTo(file::DataFileWriter& writer, const std::optional<model::NormalisedKey>& upper) = 0;

  /// The memory that rows which are held still take; it comes back while they are written. What is read from scratch
  /// space meanwhile is not counted.
  virtual int64_t bytes() const = 0;
};

}  // namespace sleeper::sort
