#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/status.h"

namespace sleeper {

namespace internal {
struct MapNode;
}  // namespace internal

/// The key of a PersistentMap: bytes of any length, and then a suffix whose length is the same throughout the map. Keys
/// are ordered by head, then by suffix, both as unsigned bytes, shorter first.
struct MapKey {
  std::string_view head;
  std::string_view suffix = {};
};

/// Sums over the entries of a map; equal contents have equal sums, however they came about.
struct MapDigest {
  uint64_t low = 0;
  uint64_t high = 0;

  MapDigest& operator+=(const MapDigest& other) {
    low += other.low;
    high += other.high;
    return *this;
  }
  MapDigest& operator-=(const MapDigest& other) {
    low -= other.low;
    high -= other.high;
    return *this;
  }
  friend bool operator==(const MapDigest&, const MapDigest&) = default;
};

/// A sorted map from bytes to bytes whose versions share structure: a B-tree whose leaves are flat, immutable blocks of
/// some kilobytes, the same in memory as in a file. Immutable; a copy is a pointer.
///
/// A change costs the blocks that it touches and the path to them. Millions of small entries cost a few bytes each
/// beyond their own, and a saved map is used in place: see blocks() and MapLoader.
class PersistentMap {
 public:
  /// REQUIRES: 0 <= suffix_bytes <= 32.
  explicit PersistentMap(int suffix_bytes = 0) : suffix_bytes_(suffix_bytes) {}

  int64_t size() const;
  bool empty() const { return size() == 0; }
  int suffix_bytes() const { return suffix_bytes_; }

  /// The bytes of all blocks.
  int64_t bytes() const;
  MapDigest digest() const;

  /// The value of `key`, which lives as long as a map that has it unchanged.
  std::optional<std::string_view> Find(MapKey key) const;

  /// How many entries come before `key`: O(log size).
  int64_t Rank(MapKey key) const;

  /// Walks over entries in key order. What it points at must outlive it. Thread-compatible.
  class Cursor {
   public:
    bool valid() const { return leaf_ != nullptr; }
    /// REQUIRES of all: valid().
    MapKey key() const { return key_; }
    std::string_view value() const { return value_; }
    void Next();

   private:
    friend class PersistentMap;
    struct Step {
      const internal::MapNode* node;
      size_t child;
    };
    void Load();
    void DescendFirst(const internal::MapNode* node);

    /// Inner nodes on the way to the leaf.
    std::vector<Step> path_;
    const internal::MapNode* leaf_ = nullptr;
    size_t slot_ = 0;
    int suffix_bytes_ = 0;
    MapKey key_;
    std::string_view value_;
  };

  Cursor Begin() const { return LowerBound({}); }

  /// At the first entry that is not before `key`; not valid if there is none.
  Cursor LowerBound(MapKey key) const;

  /// At the last entry that is not after `key`; not valid if there is none.
  Cursor Floor(MapKey key) const;

  /// The blocks in key order, each with its first and last key.
  struct Block {
    Buffer bytes;
    MapKey first;
    MapKey last;
    int64_t entries = 0;
  };
  std::vector<Block> blocks() const;

 private:
  friend class MapEdit;
  friend class MapLoader;

  std::shared_ptr<const internal::MapNode> root_;
  int suffix_bytes_;
};

/// Changes to a map, collected and then made at once, block by block. Thread-compatible.
class MapEdit {
 public:
  explicit MapEdit(PersistentMap map) : base_(std::move(map)) {}

  /// Inserts or replaces. REQUIRES: the suffix has the map's length; head and value are below 2^31 bytes.
  void Put(MapKey key, std::string_view value);
  void Erase(MapKey key);

  /// The value with the changes so far; it lives until the next change.
  std::optional<std::string_view> Find(MapKey key) const;

  /// The entries with first <= key < last and the changes so far, in key order. Without `last`: up to the end.
  struct Entry {
    std::string head;
    std::string suffix;
    std::string value;
  };
  std::vector<Entry> Scan(MapKey first, std::optional<MapKey> last) const;

  bool changed() const { return !changes_.empty(); }

  /// The map before the changes.
  const PersistentMap& base() const { return base_; }

  /// The changed map. Afterwards the edit is empty and goes on from it.
  PersistentMap Finish();

  /// How many bytes of blocks and nodes Finish has written so far.
  int64_t bytes_written() const { return bytes_written_; }

 private:
  friend struct internal::MapNode;
  using Key = std::pair<std::string, std::string>;
  struct Less {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      const int order = std::string_view(Head(a)).compare(Head(b));
      return order != 0 ? order < 0 : Suffix(a) < Suffix(b);
    }
    static std::string_view Head(const Key& key) { return key.first; }
    static std::string_view Head(const MapKey& key) { return key.head; }
    static std::string_view Suffix(const Key& key) { return key.second; }
    static std::string_view Suffix(const MapKey& key) { return key.suffix; }
  };

  PersistentMap base_;
  /// The new value, or nothing where the entry goes.
  std::map<Key, std::optional<std::string>, Less> changes_;
  int64_t bytes_written_ = 0;
};

/// Puts a map together from the blocks of a saved one, which it uses in place. Thread-compatible.
class MapLoader {
 public:
  /// One block, checked: may be made by several threads at the same time.
  class Part {
   public:
    /// kCorrupt unless `bytes` are a block whose entries ascend. Never reads outside of them.
    static Result<Part> Make(Buffer bytes, int suffix_bytes);

    /// The entries of this block alone.
    PersistentMap map() const;

   private:
    friend class MapLoader;
    Part(std::shared_ptr<const internal::MapNode> node, int suffix_bytes)
        : node_(std::move(node)), suffix_bytes_(suffix_bytes) {}
    std::shared_ptr<const internal::MapNode> node_;
    int suffix_bytes_;
  };

  explicit MapLoader(int suffix_bytes) : suffix_bytes_(suffix_bytes) {}

  /// kCorrupt unless the part comes after all earlier ones.
  Status Append(Part part);

  PersistentMap Finish() &&;

 private:
  int suffix_bytes_;
  std::vector<std::shared_ptr<const internal::MapNode>> leaves_;
};

}  // namespace sleeper
