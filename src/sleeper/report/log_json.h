#pragma once

#include <optional>
#include <span>

#include <nlohmann/json_fwd.hpp>

#include "sleeper/model/schema.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/transaction.h"

namespace sleeper::report {

/// One line of a listing of a log: number, time, writer, and the names of the transactions.
nlohmann::ordered_json EntryLineJson(const state::LogEntry& entry, std::span<const state::Transaction> transactions);

/// Everything that an entry holds. `transactions` are its own, decoded, in their order.
nlohmann::ordered_json EntryJson(const state::LogEntry& entry, std::span<const state::Transaction> transactions,
                                 const model::Schema& schema);

}  // namespace sleeper::report
