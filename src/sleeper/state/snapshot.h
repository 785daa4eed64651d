#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/executor.h"
#include "sleeper/base/persistent_map.h"
#include "sleeper/base/status.h"
#include "sleeper/model/ids.h"
#include "sleeper/state/recent_ids.h"
#include "sleeper/state/table_state.h"

namespace sleeper::state {

/// The highest version of snapshots that this program reads. It writes each with the first one that can say what is in
/// it.
inline constexpr uint32_t kSnapshotVersion = 2;

/// One map of a state. The ids are final: docs/formats/snapshot.md.
struct SnapshotSection {
  uint32_t id = 0;
  PersistentMap map;
};

/// A state as a snapshot holds it: whatever kind of state it is.
struct SnapshotContents {
  std::string header;
  /// In ascending order of their ids.
  std::vector<SnapshotSection> sections;
  /// The first version of the format that knows all of the sections.
  uint32_t version = 1;
};

/// Where a snapshot stands in its log.
struct SnapshotPosition {
  model::LogNumber number = 0;
  /// The ids of the latest entries, up to `number`.
  RecentIds ids;
  /// The store's time of an entry, if one was seen.
  std::optional<TimeMark> seen;
  /// Of the state.
  MapDigest digest;
};

struct Snapshot {
  SnapshotPosition position;
  SnapshotContents contents;
};

/// The object, in pieces to be written one after the other; the blocks of the maps are used in place.
std::vector<Buffer> EncodeSnapshot(const Snapshot& snapshot);

/// Says whether an entry of a section is well formed; called by several threads. kCorrupt if it is not.
using EntryCheck = Status (*)(uint32_t section, MapKey key, std::string_view value);

/// Checks and opens a snapshot. Its maps use `bytes` in place. Chunks are checked in parallel. kCorrupt, or
/// kInvalid for a newer version.
Result<Snapshot> DecodeSnapshot(const Buffer& bytes, EntryCheck check, Executor& executor, std::string_view what);

/// The last bytes of a snapshot, which say where its index is.
inline constexpr int64_t kSnapshotFooterBytes = 40;

/// The part that holds the index, by the footer of an object of `object_size` bytes.
Result<ByteRange> FindSnapshotIndex(std::string_view footer, int64_t object_size, std::string_view what);

/// The position alone, from the index, which begins at `index_offset`, and the footer behind it.
Result<SnapshotPosition> DecodeSnapshotPosition(std::string_view index_and_footer, int64_t index_offset,
                                                std::string_view what);

/// One independent part of a snapshot, as its index lists it. For readers of a part, and for people.
struct SnapshotChunk {
  uint32_t section = 0;
  ByteRange range;
  uint64_t checksum = 0;
  int64_t entries = 0;
  /// Where the next chunk of the section begins, this one ends.
  std::string first_head;
  std::string first_suffix;
};

/// What the index of a snapshot says.
struct SnapshotSummary {
  SnapshotPosition position;
  std::vector<SnapshotChunk> chunks;
};

Result<SnapshotSummary> SummariseSnapshot(const Buffer& bytes, std::string_view what);

}  // namespace sleeper::state
