#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/model/ids.h"

namespace sleeper::engine {

/// Which rows are wanted, and where they go, as a person writes it. Value. Nothing asked for: the whole table.
struct QueryOptions {
  /// "FIELD=VALUE": several of one field are alternatives, several fields are one key.
  std::vector<std::string> keys;
  /// "FIELD=[A,B)": all together make one region.
  std::vector<std::string> ranges;
  /// Regions as JSON: docs/guide/queries.md.
  std::vector<std::string> regions;
  /// A file of keys, one a line, or a Parquet file with the key columns.
  std::string keys_file;
  /// The fields wanted, in this order; all if empty.
  std::vector<std::string> select;
  std::optional<int64_t> limit;
  /// If files are collected while the query runs: go on with the table as it is then, instead of failing.
  bool resume = false;

  /// "table", "csv", "jsonl", "parquet" or "arrow".
  std::string output_format = "table";
  /// Empty: standard output.
  std::string output_file;
};

/// What was returned. Value.
struct QueryResult {
  int64_t rows = 0;
  /// How often it went on with a newer state of the table.
  int64_t resumed = 0;
};

/// What a query would read. Value.
struct QueryExplanation {
  model::LogNumber log_number = 0;
  int64_t partitions = 0;
  int64_t files = 0;
  int64_t row_groups = 0;
  int64_t pages = 0;
  int64_t bytes = 0;
  /// Rows of those pages: an upper bound of the result.
  int64_t rows = 0;
  int64_t table_partitions = 0;
  int64_t table_files = 0;
  int64_t table_bytes = 0;
};

}  // namespace sleeper::engine
