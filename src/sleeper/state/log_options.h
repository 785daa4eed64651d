#pragma once

#include <cstdint>
#include <string>

#include "sleeper/base/time.h"
#include "sleeper/store/object_store.h"

namespace sleeper::state {

/// Bounds of a log and of those who write to it. The defaults are right for object stores.
struct LogOptions {
  /// Who writes, for people: stands in every entry.
  std::string writer = "unnamed";

  /// Truncation leaves at least this many of the latest entries.
  int64_t entries_kept = 1'000;
  /// How many entry ids a snapshot remembers. More than `entries_kept`, so that a slow writer finds its own.
  int64_t ids_remembered = 10'000;
  /// A larger snapshot is not written: every store shall be able to read it.
  int64_t snapshot_bytes_max = store::kWholeObjectBytesMax;
  /// Snapshots that truncation leaves. At least 2.
  int snapshots_kept = 2;

  /// Loading a state that keeps changing under the reader is given up after so many attempts: kUnavailable.
  int refresh_attempts_max = 10;
  /// A reader that is further behind starts from a snapshot.
  int64_t catch_up_entries_max = 2'000;
  /// Entries that are read at the same time.
  int reads_max = 16;

  /// A state that was seen within this time is tried without looking for a newer one first: a commit is then one put
  /// and one listing. After a longer time much may have happened, and the put would be in vain.
  Duration optimism_max = std::chrono::seconds(5);
  /// Entries whose put was lost to other writers, before the commit fails: kUnavailable.
  int append_attempts_max = 1'000;
  /// Puts and reads of one slot whose answers were lost, before the outcome is unknown.
  int resolve_attempts_max = 20;
  /// Between attempts, a random time up to this, growing from the first bound to the second.
  Duration backoff_first = std::chrono::milliseconds(10);
  Duration backoff_max = std::chrono::seconds(2);

  /// A larger entry is split over several; a larger transaction gets an object of its own.
  int64_t entry_bytes_max = 8 << 20;
  /// A larger transaction is refused.
  int64_t body_bytes_max = int64_t{512} << 20;
  /// Transactions in one entry.
  int64_t group_transactions_max = 4'096;
  /// Transactions of this process that wait for their turn, before more are turned away: kExhausted.
  int64_t waiting_transactions_max = 100'000;
};

}  // namespace sleeper::state
