#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/model/key_interval.h"
#include "sleeper/model/region.h"

namespace sleeper::query {

/// What becomes of a query whose files are collected after some of its rows were returned.
enum class OnExpiry {
  kFail,    ///< It fails. All rows are of one state of the table.
  kResume,  ///< It goes on behind the last key of which all rows were returned, with the table as it is then.
};

/// Which rows of a table are wanted, and what of them. Value.
///
/// The rows are those inside any of the regions, or whose row key is one of `keys`; each comes once, however often it
/// is asked for. Neither regions nor keys: the whole table.
struct QueryRequest {
  std::vector<model::Region> regions;
  /// Whole row keys, normalised.
  std::vector<model::NormalisedKey> keys;
  /// The fields wanted, in this order; all if empty.
  std::vector<std::string> select;
  /// At most so many rows, the first ones in key order.
  std::optional<int64_t> limit;
  OnExpiry on_expiry = OnExpiry::kFail;
  /// True if no row is wanted at all: a batch of keys that turned out to be empty is not the whole table.
  bool nothing = false;
};

}  // namespace sleeper::query
