#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/model/ids.h"

namespace sleeper::engine {

/// What to ingest and how to read it. Value.
struct IngestOptions {
  /// Files, folders, patterns such as "2001-*.csv", or "-" for standard input.
  std::vector<std::string> paths;
  /// The job's id; empty: a random one, so that nothing protects from doing it twice.
  model::JobId job;
  /// "parquet", "csv", "jsonl" or "arrow"; empty: as the files' names say.
  std::string format;
  /// Of CSV; none: a comma, or a tab for names that end in .tsv.
  std::optional<char> delimiter;
  /// Unquoted CSV fields that stand for null. None given: the empty one.
  std::vector<std::string> null_values;
};

/// What became of it. Value.
struct IngestResult {
  model::JobId job;
  /// True if the job was done before; nothing was read now.
  bool already_done = false;
  int64_t rows_read = 0;
  int64_t rows_written = 0;
  int64_t files = 0;
  int64_t bytes = 0;
  int64_t bytes_spilled = 0;
  model::LogNumber log_number = 0;
  /// Columns of the inputs that the table does not have.
  int64_t ignored_columns = 0;
  std::vector<std::string> ignored_names;
};

}  // namespace sleeper::engine
