#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/persistent_map.h"
#include "sleeper/base/status.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/key_interval.h"

namespace sleeper::model {

/// The ids of partitions are made from numbers that a table counts up: "p0", "p1", …
PartitionId MakePartitionId(uint64_t number);

/// Nothing if `id` was not made by MakePartitionId.
std::optional<uint64_t> PartitionNumber(const PartitionId& id);

/// A leaf of the partition map.
struct Partition {
  PartitionId id;
  KeyInterval interval;

  friend bool operator==(const Partition&, const Partition&) = default;
};

/// The leaves of a table: half-open intervals of row keys that tile the key space. There are no inner nodes. Immutable;
/// a copy is a few pointers, and a changed map shares what has not changed.
///
/// Invariant: the first leaf begins at the least key, each leaf ends where the next one begins, the last one has no
/// end, and ids are distinct.
class PartitionMap {
 public:
  /// One leaf with the number 0 that holds all keys.
  PartitionMap();

  /// Leaves cut at `boundaries`, numbered from 0 in key order. kInvalid unless they ascend strictly and none is empty.
  static Result<PartitionMap> Cut(std::span<const NormalisedKey> boundaries);

  /// Adopts what leaves() and next_number() gave. kCorrupt if the leaves do not tile the key space or the numbers are
  /// wrong.
  static Result<PartitionMap> FromLeaves(PersistentMap leaves, uint64_t next_number);

  int64_t size() const { return leaves_.size(); }

  /// Numbers from here on are free.
  uint64_t next_number() const { return next_number_; }

  /// The leaf that holds `key`.
  Partition Find(std::string_view key) const;

  std::optional<Partition> Find(const PartitionId& id) const;

  /// Walks over leaves in key order. The map must outlive it.
  class Cursor {
   public:
    bool valid() const { return at_.valid(); }
    Partition partition() const;
    std::string_view lower() const { return at_.key().head; }
    uint64_t number() const;
    void Next() { at_.Next(); }

   private:
    friend class PartitionMap;
    explicit Cursor(PersistentMap::Cursor at) : at_(std::move(at)) {}
    PersistentMap::Cursor at_;
  };

  /// At the leaf that holds `key`.
  Cursor Seek(std::string_view key) const;
  Cursor Begin() const { return Seek({}); }

  /// The leaves that `interval` overlaps, in key order. REQUIRES: it is not empty.
  std::vector<Partition> Overlapping(const KeyInterval& interval) const;

  /// All leaves, in key order.
  std::vector<Partition> All() const;

  /// The map in which `id` is cut at `boundaries` into leaves with new numbers, from next_number() on. kNotFound if
  /// there is no such leaf; kInvalid unless the boundaries ascend strictly and lie strictly inside it.
  Result<PartitionMap> Split(const PartitionId& id, std::span<const NormalisedKey> boundaries) const;

  /// The map in which neighbours are joined to one leaf with a new number. kNotFound if one is not there; kInvalid
  /// unless `ids` are at least two leaves that stand side by side, in key order.
  Result<PartitionMap> Merge(std::span<const PartitionId> ids) const;

  /// Lower bound to number, for snapshots and digests.
  const PersistentMap& leaves() const { return leaves_; }

 private:
  PartitionMap(PersistentMap leaves, PersistentMap lower_of_number, uint64_t next_number);

  PersistentMap leaves_;
  /// Number (eight bytes, big endian) to lower bound.
  PersistentMap lower_of_number_;
  uint64_t next_number_ = 0;
};

}  // namespace sleeper::model
