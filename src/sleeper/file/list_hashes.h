#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sleeper/columnar/value_hash.h"
#include "sleeper/file/page_rows.h"
#include "sleeper/model/schema.h"

namespace sleeper::file {

/// The hashes of lists and maps (docs/formats/row-hash.md) as they lie in pages: the elements of each row one behind
/// the other, the keys of a map in one column and its values in the next. Each is added to its row's sum; a null adds
/// nothing. Confined.
class ListHashes {
 public:
  using FieldKey = columnar::value_hash::FieldKey;

  /// Adds the lists that were appended to a page since `mark`: one for each of `sums`.
  static void AddLists(model::TypeKind element, FieldKey key, const PageRows& page, PageMark mark,
                       std::span<uint64_t> sums);

  /// Keeps the hashes of the keys of `count` maps, until their values are shown. `first` is 0 where maps of another
  /// column, or of other rows, begin.
  void AddMapKeys(model::TypeKind kind, FieldKey key, const PageRows& page, PageMark mark, int64_t first);

  /// Adds the maps whose values were appended since `mark`, and whose keys were shown before: one for each of `sums`.
  /// False if they are not the same in number.
  [[nodiscard]] bool AddMapValues(model::TypeKind kind, FieldKey key, const PageRows& page, PageMark mark,
                                  int64_t first, std::span<uint64_t> sums);

 private:
  /// Of a map at hand: the hashes of its keys are the next `size` ones.
  struct MapKeys {
    uint32_t size = 0;
    bool valid = true;
  };

  std::vector<MapKeys> maps_;
  SlackArray<uint64_t> key_hashes_;
  /// The first key of the map that comes next.
  size_t next_ = 0;
};

}  // namespace sleeper::file
