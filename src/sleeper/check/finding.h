#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sleeper::check {

/// What is found where state and store do not agree.
enum class FindingKind {
  kMissing,   ///< A file that the table needs is not in the store.
  kBad,       ///< A file is not what the state says: its size, its contents, or rows counted for a part of it.
  kLog,       ///< An entry or a snapshot of the log is broken.
  kOrphan,    ///< An object that can never become part of the table, or that a sweep would remove now.
  kInFlight,  ///< An object that an unfinished ingest or compaction may still make part of the table.
};

/// "missing", "bad", "log", "orphan", "in_flight".
std::string_view NameOf(FindingKind kind);

/// True of what means that rows are lost or wrong. Objects beyond what the table needs only take room.
constexpr bool IsDamage(FindingKind kind) { return kind <= FindingKind::kLog; }

/// Value.
struct Finding {
  FindingKind kind = FindingKind::kBad;
  /// The object's path below the instance; of the log, what messages call it.
  std::string object;
  int64_t bytes = 0;
  std::string why;

  friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace sleeper::check
