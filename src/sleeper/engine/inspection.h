#pragma once

#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/table.h"

namespace sleeper::engine {

/// Shows what a table consists of down to its objects, as JSON for people: whoever writes programs uses the views of
/// room report. Thread-safe. The table must outlive it.
class Inspection {
 public:
  explicit Inspection(Table& table) : table_(table) {}

  /// The newest entries of the table's log, at most `entries_max`, newest first: an array.
  Result<nlohmann::ordered_json> Log(int64_t entries_max, const CallContext& call);

  /// One entry with its transactions. kNotFound if there is none of that number, or not any more.
  Result<nlohmann::ordered_json> Entry(model::LogNumber number, const CallContext& call);

  /// The state; of each of its lists at most `items_max` items.
  Result<nlohmann::ordered_json> State(int64_t items_max, const CallContext& call);

  /// A data file of the table: what the state knows of it, and what it says of itself. kNotFound if the state does not
  /// know it; kCorrupt if the two do not agree.
  Result<nlohmann::ordered_json> File(const model::FileId& file, const CallContext& call);

 private:
  Table& table_;
};

}  // namespace sleeper::engine
