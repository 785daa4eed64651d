#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/check/finding.h"
#include "sleeper/check/verified_files.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/log_audit.h"
#include "sleeper/state/table_log.h"
#include "sleeper/store/object_store.h"

namespace sleeper::check {

/// The caller (CallContext::caller) in whose name a check reads, so that no cache answers it.
inline constexpr std::string_view kCheckCaller = "check";

/// A table and what checking it takes. The ports must outlive the check.
struct CheckPorts {
  store::ObjectStore& store;
  Executor& executor;
  model::TableId table;
  state::TableLog& log;
};

struct CheckRequest {
  /// Whether every file of the table is read whole.
  bool deep = false;
  /// Objects that the table does not know and that are older are called orphans: property sweep.age.minutes.
  Duration orphan_age{};
  /// Of a deep check: files that need not be read again, and where those go that were found good. May be null.
  VerifiedFiles* verified = nullptr;
};

/// What a check has seen. Value.
struct CheckReport {
  /// The state that was compared, and its files with references.
  model::LogNumber log_number = 0;
  int64_t files = 0;
  int64_t bytes = 0;
  state::LogAudit log;

  int64_t missing_files = 0;
  int64_t bad_files = 0;
  int64_t log_faults = 0;
  int64_t orphan_files = 0;
  int64_t orphan_bytes = 0;
  int64_t in_flight_files = 0;
  /// Files without references that wait to be collected.
  int64_t unreferenced_files = 0;

  /// Of a deep check: files read, their rows, and files that an earlier run had read.
  int64_t files_read = 0;
  int64_t rows_read = 0;
  int64_t files_read_before = 0;

  /// Damage first; at most kFindingsMax, while the numbers above count all.
  std::vector<Finding> findings;
  static constexpr size_t kFindingsMax = 10'000;

  /// True if there is no damage: every row can be read and is what was written. Orphans only take room.
  bool ok() const { return missing_files + bad_files + log_faults == 0; }
};

/// Compares the table's state with the store, audits the log, and on request reads every file. Changes nothing.
///
/// Ingests, compactions and collections may go on meanwhile: what a state from after the comparison does not need is
/// not called missing or bad, and what it knows is no orphan. kNotFound if the table does not exist; other failures are
/// those of the store. Memory is that of the state, and of one scan for each thread.
Result<CheckReport> CheckTable(const CheckPorts& ports, const CheckRequest& request, const CallContext& call);

}  // namespace sleeper::check
