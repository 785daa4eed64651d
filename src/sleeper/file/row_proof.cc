#include "sleeper/file/row_proof.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "sleeper/base/byte_prefix.h"
#include "sleeper/file/slot_hashes.h"

namespace sleeper::file {
namespace {

namespace value_hash = columnar::value_hash;

/// Adds the hash of each value to its row's sum; a null adds nothing.
template <typename HashOf>
void AddEach(const PageRows& page, int64_t first_slot, std::span<uint64_t> sums, HashOf hash_of) {
  if (!page.shape.nullable()) {
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += hash_of(i);
    return;
  }
  const uint8_t* const valid = page.valid.data() + first_slot;
  for (size_t i = 0; i < sums.size(); ++i) sums[i] += hash_of(i) & (uint64_t{0} - valid[i]);
}

}  // namespace

RowProof::RowProof(const model::Schema& schema) : keys_(static_cast<size_t>(schema.key_count())), last_(keys_) {
  for (const model::Field& field : schema.fields()) {
    switch (field.type.kind()) {
      case model::TypeKind::kList:
        columns_.push_back(ColumnOf(field, Role::kElements));
        break;
      case model::TypeKind::kMap:
        columns_.push_back(ColumnOf(field, Role::kMapKeys));
        columns_.push_back(ColumnOf(field, Role::kMapValues));
        break;
      default:
        columns_.push_back(ColumnOf(field, Role::kField));
    }
  }
}

RowProof::Column RowProof::ColumnOf(const model::Field& field, Role role) {
  const auto kind = role == Role::kField       ? field.type.kind()
                    : role == Role::kMapValues ? field.type.value()
                                               : field.type.element();
  return {value_hash::KeyOf(field.name), kind, role};
}

void RowProof::Begin(int64_t rows) {
  sums_.assign(static_cast<size_t>(rows), value_hash::kRowStart);
  torn_map_ = false;
  orders_.assign(static_cast<size_t>(rows), Order::kEqual);
  // Where there is no row before, nothing is to be compared.
  if (!has_last_ && rows > 0) orders_[0] = Order::kAscending;
  has_last_ = has_last_ || rows > 0;
}

void RowProof::Add(size_t leaf, const PageRows& page, PageMark mark, int64_t first) {
  const auto count = static_cast<size_t>(page.rows - mark.rows);
  AddHashes(columns_[leaf], page, mark, first, std::span(sums_).subspan(static_cast<size_t>(first), count));
  if (leaf >= keys_ || count == 0) return;
  // Most often the first column has told all neighbours apart, and the others need not be looked at: a tenth of the
  // proof.
  if (first == 0) all_told_apart_ = FirstOf(Order::kEqual) == orders_.size();
  if (!all_told_apart_) Compare(page, mark, std::span(orders_).subspan(static_cast<size_t>(first), count), last_[leaf]);
  KeepLast(page, last_[leaf]);
}

size_t RowProof::FirstOf(Order order) const {
  if (orders_.empty()) return 0;
  const void* const found = std::memchr(orders_.data(), static_cast<int>(order), orders_.size());
  return found == nullptr ? orders_.size() : static_cast<size_t>(static_cast<const Order*>(found) - orders_.data());
}

void RowProof::Compare(const PageRows& page, PageMark mark, std::span<Order> orders, const Value& last) const {
  if (page.shape.type == PhysicalType::kByteArray) {
    CompareBytes(page, mark, orders, last);
  } else if (page.shape.type == PhysicalType::kInt32) {
    CompareNumbers<int32_t>(page, mark, orders, last);
  } else {
    CompareNumbers<int64_t>(page, mark, orders, last);
  }
}

void RowProof::KeepLast(const PageRows& page, Value& last) {
  const auto slot = static_cast<size_t>(page.slots - 1);
  if (page.shape.type == PhysicalType::kByteArray) {
    const auto size = static_cast<size_t>(page.sizes[slot]);
    last.bytes.assign(reinterpret_cast<const char*>(page.bytes.data()) + page.bytes.size() - size, size);
  } else if (page.shape.type == PhysicalType::kInt32) {
    int32_t number;
    std::memcpy(&number, page.fixed.data() + slot * sizeof number, sizeof number);
    last.number = number;
  } else {
    std::memcpy(&last.number, page.fixed.data() + slot * sizeof last.number, sizeof last.number);
  }
}

void RowProof::AddHashes(const Column& column, const PageRows& page, PageMark mark, int64_t first,
                         std::span<uint64_t> sums) {
  switch (column.role) {
    case Role::kField:
      return WithSlotHashes(column.kind, column.key, page, mark,
                            [&](auto hash_of) { AddEach(page, mark.slots, sums, hash_of); });
    case Role::kElements:
      return ListHashes::AddLists(column.kind, column.key, page, mark, sums);
    case Role::kMapKeys:
      return lists_.AddMapKeys(column.kind, column.key, page, mark, first);
    case Role::kMapValues:
      torn_map_ = torn_map_ || !lists_.AddMapValues(column.kind, column.key, page, mark, first, sums);
  }
}

void RowProof::CompareBytes(const PageRows& page, PageMark mark, std::span<Order> orders, const Value& last) const {
  const int32_t* const sizes = page.sizes.data() + mark.slots;
  const uint8_t* value = page.bytes.data() + mark.bytes;
  // The value before may be in a page that is gone.
  const uint8_t* before = reinterpret_cast<const uint8_t*>(last.bytes.data());
  size_t before_size = last.bytes.size();
  uint64_t before_prefix = before_size >= 8 ? BytePrefix(before, before_size) : 0;
  if (before_size < 8) {
    std::array<uint8_t, 8> padded{};
    std::memcpy(padded.data(), before, before_size);
    before_prefix = BytePrefix(padded.data(), before_size);
  }
  for (size_t i = 0; i < orders.size(); ++i) {
    const auto size = static_cast<size_t>(sizes[i]);
    const uint64_t prefix = BytePrefix(value, size);
    if (orders[i] == Order::kEqual) {
      if (before_prefix != prefix) {
        orders[i] = before_prefix < prefix ? Order::kAscending : Order::kDescending;
      } else {
        const int difference = std::memcmp(before, value, std::min(before_size, size));
        if (difference != 0 || before_size != size) {
          const bool ascending = difference != 0 ? difference < 0 : before_size < size;
          orders[i] = ascending ? Order::kAscending : Order::kDescending;
        }
      }
    }
    before = value;
    before_size = size;
    before_prefix = prefix;
    value += size;
  }
}

template <typename T>
void RowProof::CompareNumbers(const PageRows& page, PageMark mark, std::span<Order> orders, const Value& last) const {
  const uint8_t* const values = page.fixed.data() + static_cast<size_t>(mark.slots) * sizeof(T);
  T before = static_cast<T>(last.number);
  for (size_t i = 0; i < orders.size(); ++i) {
    T value;
    std::memcpy(&value, values + i * sizeof(T), sizeof(T));
    if (orders[i] == Order::kEqual && before != value) {
      orders[i] = before < value ? Order::kAscending : Order::kDescending;
    }
    before = value;
  }
}

Status RowProof::End() {
  if (torn_map_) {
    return Error(ErrorKind::kInternal, "a map to be written has other values than keys, in row ", rows_,
                 " or one of those behind it");
  }
  const size_t wrong = FirstOf(Order::kDescending);
  if (wrong != orders_.size()) {
    return Error(ErrorKind::kInternal, "rows to be written are out of key order: row ",
                 rows_ + static_cast<int64_t>(wrong));
  }
  for (const uint64_t sum : sums_) {
    const value_hash::RowLanes lanes = value_hash::FinishRow(sum);
    sum_.low += lanes.low;
    sum_.high += lanes.high;
  }
  rows_ += static_cast<int64_t>(sums_.size());
  return Status::OK();
}

}  // namespace sleeper::file
