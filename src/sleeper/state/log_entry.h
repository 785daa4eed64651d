#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/persistent_map.h"
#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/base/time.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/table_state.h"

namespace sleeper::state {

/// The version of entries and bodies that this program writes, and the highest that it reads.
inline constexpr uint32_t kEntryVersion = 1;

/// A transaction that stands in an object of its own, because it is large.
struct BodyReference {
  /// Its name below the log's bodies, of the form of a file id; says its birth.
  model::FileId name;
  uint64_t size = 0;
  uint64_t checksum = 0;

  friend bool operator==(const BodyReference&, const BodyReference&) = default;
};

/// One entry of a log, with its transactions still as bytes: docs/formats/log-entry.md.
struct LogEntry {
  model::LogNumber number = 0;
  model::EntryId id;
  /// The id of the entry before it; empty for the first.
  model::EntryId previous;
  /// Who wrote it and when by that writer's clock: for people.
  std::string writer;
  WallTime written;
  /// The store's time of an earlier entry.
  std::optional<TimeMark> mark;
  /// True if nothing can follow.
  bool ends_log = false;
  /// Of the state after it.
  MapDigest digest;
  /// At least one.
  std::vector<std::variant<std::string, BodyReference>> transactions;

  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

model::EntryId MakeEntryId(Random& random);

/// An entry id in eight bytes and back. Nothing if it is not 16 hexadecimal digits.
std::optional<uint64_t> PackEntryId(const model::EntryId& id);
model::EntryId UnpackEntryId(uint64_t packed);

std::string EncodeEntry(const LogEntry& entry);
/// kCorrupt, or kInvalid for a newer version. `what` names the object in messages.
Result<LogEntry> DecodeEntry(std::string_view bytes, std::string_view what);

std::string EncodeBody(std::string_view transaction);
/// The transaction in a body. kCorrupt unless it is the one that `reference` means.
Result<std::string_view> DecodeBody(std::string_view bytes, const BodyReference& reference, std::string_view what);

}  // namespace sleeper::state
