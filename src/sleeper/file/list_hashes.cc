#include "sleeper/file/list_hashes.h"

#include "sleeper/file/slot_hashes.h"

namespace sleeper::file {
namespace {

namespace value_hash = columnar::value_hash;

bool IsValidRow(const PageRows& page, size_t row) { return !page.shape.nullable_rows() || page.valid_rows[row] != 0; }

/// The hash of an element, of which null is one. `hash_of` is asked in any case: it goes from value to value.
template <typename HashOf>
uint64_t ElementHash(HashOf& hash_of, size_t slot, const uint8_t* valid) {
  const uint64_t hash = hash_of(slot);
  return valid == nullptr || valid[slot] != 0 ? hash : value_hash::kNullElement;
}

const uint8_t* ValidityOf(const PageRows& page, PageMark mark) {
  return page.shape.nullable() ? page.valid.data() + mark.slots : nullptr;
}

}  // namespace

void ListHashes::AddLists(model::TypeKind element, FieldKey key, const PageRows& page, PageMark mark,
                          std::span<uint64_t> sums) {
  const auto first_row = static_cast<size_t>(mark.rows);
  const uint8_t* const valid = ValidityOf(page, mark);
  WithSlotHashes(element, key, page, mark, [&](auto hash_of) {
    size_t slot = 0;
    for (size_t i = 0; i < sums.size(); ++i) {
      const uint32_t size = page.list_sizes[first_row + i];
      uint64_t hash = value_hash::StartList(key, size);
      for (const size_t end = slot + size; slot < end; ++slot) {
        hash = value_hash::AddElement(key, hash, ElementHash(hash_of, slot, valid));
      }
      sums[i] += IsValidRow(page, first_row + i) ? hash : 0;
    }
  });
}

void ListHashes::AddMapKeys(model::TypeKind kind, FieldKey key, const PageRows& page, PageMark mark, int64_t first) {
  if (first == 0) {
    maps_.clear();
    key_hashes_.Clear();
    next_ = 0;
  }
  for (auto row = static_cast<size_t>(mark.rows); row < static_cast<size_t>(page.rows); ++row) {
    maps_.push_back({page.list_sizes[row], IsValidRow(page, row)});
  }
  const auto slots = static_cast<size_t>(page.slots - mark.slots);
  uint64_t* const hashes = key_hashes_.Reserve(slots);
  WithSlotHashes(kind, key, page, mark, [&](auto hash_of) {
    for (size_t slot = 0; slot < slots; ++slot) hashes[slot] = hash_of(slot);
  });
  key_hashes_.Advance(slots);
}

bool ListHashes::AddMapValues(model::TypeKind kind, FieldKey key, const PageRows& page, PageMark mark, int64_t first,
                              std::span<uint64_t> sums) {
  const auto first_row = static_cast<size_t>(mark.rows);
  const auto first_map = static_cast<size_t>(first);
  for (size_t i = 0; i < sums.size(); ++i) {
    const MapKeys& keys = maps_[first_map + i];
    const bool same = keys.size == page.list_sizes[first_row + i] && keys.valid == IsValidRow(page, first_row + i);
    if (!same) return false;
  }
  const uint8_t* const valid = ValidityOf(page, mark);
  const uint64_t* const key_hashes = key_hashes_.data() + next_;
  WithSlotHashes(kind, key, page, mark, [&](auto hash_of) {
    size_t slot = 0;
    for (size_t i = 0; i < sums.size(); ++i) {
      const MapKeys& keys = maps_[first_map + i];
      uint64_t sum = 0;
      for (const size_t end = slot + keys.size; slot < end; ++slot) {
        sum += value_hash::HashEntry(key_hashes[slot], ElementHash(hash_of, slot, valid));
      }
      sums[i] += keys.valid ? value_hash::FinishMap(key, sum, keys.size) : 0;
    }
  });
  next_ += static_cast<size_t>(page.slots - mark.slots);
  return true;
}

}  // namespace sleeper::file
