#include "sleeper/columnar/row_hasher.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/value_hash.h"

namespace sleeper::columnar {
namespace {

using value_hash::FieldKey;

/// Rows whose sums are collected at a time: the sums stay in the first-level cache while each column is added to them.
constexpr int64_t kBlockRows = 1024;

/// Hashes the values of a primitive array, row by row, nulls aside.
template <typename T>
class FixedValues {
 public:
  FixedValues(FieldKey key, const arrow::ArrayData& array) : key_(key), values_(array.GetValues<T>(1)) {}
  uint64_t operator()(int64_t row) const {
    if constexpr (std::is_floating_point_v<T>) {
      return value_hash::HashNumber(key_, static_cast<double>(values_[row]));
    } else {
      return value_hash::HashInteger(key_, values_[row]);
    }
  }

 private:
  FieldKey key_;
  const T* values_;
};

class BooleanValues {
 public:
  BooleanValues(FieldKey key, const arrow::ArrayData& array)
      : hashes_{value_hash::HashInteger(key, 0), value_hash::HashInteger(key, 1)},
        bits_(array.buffers[1] == nullptr ? nullptr : array.buffers[1]->data()),
        offset_(array.offset) {}
  uint64_t operator()(int64_t row) const {
    const int64_t bit = offset_ + row;
    return hashes_[(bits_[bit / 8] >> (bit % 8)) & 1];
  }

 private:
  uint64_t hashes_[2];
  const uint8_t* bits_;
  int64_t offset_;
};

class BytesValues {
 public:
  BytesValues(FieldKey key, const arrow::ArrayData& array) : key_(key), offsets_(array.GetValues<int32_t>(1)) {
    if (array.buffers[2] == nullptr) return;
    data_ = array.buffers[2]->data();
    block_begin_max_ = array.buffers[2]->size() - static_cast<int64_t>(value_hash::kBlock);
  }
  uint64_t operator()(int64_t row) const {
    const int64_t begin = offsets_[row];
    const auto size = static_cast<size_t>(offsets_[row + 1] - begin);
    if (size <= value_hash::kBlock && begin <= block_begin_max_) [[likely]] {
      return value_hash::HashShortBytes(key_, data_ + begin, size);
    }
    return value_hash::HashLongBytes(key_, data_ + begin, size);
  }

 private:
  FieldKey key_;
  const int32_t* offsets_;
  const uint8_t* data_ = nullptr;
  /// Values that begin at or before this may be read a whole block at a time.
  int64_t block_begin_max_ = -1;
};

/// Calls `visit` with the hasher of a primitive array's values: by value, so that its fields stay in registers while
/// the loop writes numbers of the same type.
template <typename Visit>
void WithValues(model::TypeKind kind, FieldKey key, const arrow::ArrayData& array, Visit visit) {
  switch (kind) {
    case model::TypeKind::kInt:
    case model::TypeKind::kDate:
      return visit(FixedValues<int32_t>(key, array));
    case model::TypeKind::kLong:
    case model::TypeKind::kTimestamp:
      return visit(FixedValues<int64_t>(key, array));
    case model::TypeKind::kString:
    case model::TypeKind::kBytes:
      return visit(BytesValues(key, array));
    case model::TypeKind::kBoolean:
      return visit(BooleanValues(key, array));
    case model::TypeKind::kFloat:
      return visit(FixedValues<float>(key, array));
    case model::TypeKind::kDouble:
      return visit(FixedValues<double>(key, array));
    case model::TypeKind::kList:
    case model::TypeKind::kMap:
      break;
  }
  SLEEPER_CHECK(false, "not a primitive type: ", static_cast<int>(kind));
}

/// The hashes of elements [begin, end) of a list's or map's child, where nulls count.
std::vector<uint64_t> ElementHashes(model::TypeKind kind, FieldKey key, const arrow::ArrayData& array, int64_t begin,
                                    int64_t end) {
  std::vector<uint64_t> hashes;
  hashes.reserve(static_cast<size_t>(end - begin));
  WithValues(kind, key, array, [&](auto values) {
    for (int64_t i = begin; i < end; ++i) hashes.push_back(array.IsValid(i) ? values(i) : value_hash::kNullElement);
  });
  return hashes;
}

}  // namespace

struct RowHasher::Field {
  FieldKey key;
  model::Type type;

  /// Adds the hash of each row [begin, begin + sums.size()) of `array` to that row's sum. A null adds nothing.
  void AddTo(std::span<uint64_t> sums, const arrow::ArrayData& array, int64_t begin) const {
    if (type.kind() == model::TypeKind::kList) return AddLists(sums, array, begin);
    if (type.kind() == model::TypeKind::kMap) return AddMaps(sums, array, begin);
    const uint8_t* validity = array.MayHaveNulls() ? array.buffers[0]->data() : nullptr;
    WithValues(type.kind(), key, array, [&](auto values) {
      if (validity == nullptr) {
        for (size_t i = 0; i < sums.size(); ++i) sums[i] += values(begin + static_cast<int64_t>(i));
        return;
      }
      int64_t bit = array.offset + begin;
      for (size_t i = 0; i < sums.size(); ++i, ++bit) {
        const uint64_t is_valid = (validity[bit / 8] >> (bit % 8)) & 1U;
        sums[i] += values(begin + static_cast<int64_t>(i)) & (uint64_t{0} - is_valid);
      }
    });
  }

  void AddLists(std::span<uint64_t> sums, const arrow::ArrayData& array, int64_t begin) const {
    const int32_t* offsets = array.GetValues<int32_t>(1) + begin;
    const std::vector<uint64_t> elements =
        ElementHashes(type.element(), key, *array.child_data[0], offsets[0], offsets[sums.size()]);
    for (size_t i = 0; i < sums.size(); ++i) {
      if (array.IsNull(begin + static_cast<int64_t>(i))) continue;
      uint64_t hash = value_hash::StartList(key, static_cast<uint64_t>(offsets[i + 1] - offsets[i]));
      for (int32_t at = offsets[i]; at < offsets[i + 1]; ++at) {
        hash = value_hash::AddElement(key, hash, elements[static_cast<size_t>(at - offsets[0])]);
      }
      sums[i] += hash;
    }
  }

  void AddMaps(std::span<uint64_t> sums, const arrow::ArrayData& array, int64_t begin) const {
    const int32_t* offsets = array.GetValues<int32_t>(1) + begin;
    const arrow::ArrayData& entries = *array.child_data[0];
    const int64_t first = offsets[0] + entries.offset;
    const int64_t last = offsets[sums.size()] + entries.offset;
    const auto keys = ElementHashes(type.element(), key, *entries.child_data[0], first, last);
    const auto values = ElementHashes(type.value(), key, *entries.child_data[1], first, last);
    for (size_t i = 0; i < sums.size(); ++i) {
      if (array.IsNull(begin + static_cast<int64_t>(i))) continue;
      uint64_t sum = 0;
      for (int32_t at = offsets[i]; at < offsets[i + 1]; ++at) {
        const auto entry = static_cast<size_t>(at - offsets[0]);
        sum += value_hash::HashEntry(keys[entry], values[entry]);
      }
      sums[i] += value_hash::FinishMap(key, sum, static_cast<uint64_t>(offsets[i + 1] - offsets[i]));
    }
  }
};

RowHasher::RowHasher(std::shared_ptr<const Layout> layout) : layout_(std::move(layout)), rows_(kBlockRows) {
  for (int column = 0; column < layout_->columns(); ++column) {
    const model::Field& field = layout_->field(column);
    fields_.push_back({.key = value_hash::KeyOf(field.name), .type = field.type});
  }
}

RowHasher::~RowHasher() = default;
RowHasher::RowHasher(RowHasher&&) noexcept = default;
RowHasher& RowHasher::operator=(RowHasher&&) noexcept = default;

void RowHasher::Add(const Batch& batch) {
  SLEEPER_CHECK(batch.layout() == *layout_, "a batch of another layout");
  for (int64_t begin = 0; begin < batch.rows(); begin += kBlockRows) {
    const std::span<uint64_t> sums =
        std::span(rows_).first(static_cast<size_t>(std::min(kBlockRows, batch.rows() - begin)));
    std::fill(sums.begin(), sums.end(), value_hash::kRowStart);
    for (size_t column = 0; column < fields_.size(); ++column) {
      fields_[column].AddTo(sums, *batch.arrow()->column_data(static_cast<int>(column)), begin);
    }
    for (const uint64_t sum : sums) {
      const value_hash::RowLanes lanes = value_hash::FinishRow(sum);
      sum_.low += lanes.low;
      sum_.high += lanes.high;
    }
  }
}

}  // namespace sleeper::columnar
