#pragma once

#include <cstdint>

#include "sleeper/base/strong_id.h"

namespace sleeper::model {

/// 16 random hexadecimal digits; never reused.
using TableId = StrongId<"table">;

/// What users call a table: 1 to 200 characters of letters, digits, ".", "_" and "-", starting with a letter or digit.
using TableName = StrongId<"table-name">;

/// A leaf of the partition map; unique within its table, never reused.
using PartitionId = StrongId<"partition">;

/// The name of a data file below its table's data folder: "<xx>/<up>-<random>", without ".parquet".
using FileId = StrongId<"file">;

/// A job: an ingest, a compaction, … Chosen by the caller or random.
using JobId = StrongId<"job">;

/// One entry of a log: a random name, bound to one slot and one sequence of bytes.
using EntryId = StrongId<"entry">;

/// The number of a log entry, and of the state after it. 0 is the empty state.
using LogNumber = uint64_t;

}  // namespace sleeper::model
