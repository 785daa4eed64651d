// Whether a batch is in order, without making keys: the first key field decides nearly always, and its values compare
// in place.

#include <algorithm>
#include <cstring>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "sleeper/base/byte_prefix.h"
#include "sleeper/base/check.h"
#include "sleeper/columnar/sort_order.h"

namespace sleeper::columnar {
namespace {

bool IsBytes(model::TypeKind kind) { return kind == model::TypeKind::kString || kind == model::TypeKind::kBytes; }

/// The first 8 bytes of a column's strings, as numbers that compare like them; of equal ones nothing is known.
class BytePrefixes {
 public:
  explicit BytePrefixes(const arrow::ArrayData& array) : offsets_(array.GetValues<int32_t>(1)) {
    if (array.buffers[2] == nullptr) return;
    data_ = array.buffers[2]->data();
    whole_begin_max_ = array.buffers[2]->size() - static_cast<int64_t>(sizeof(uint64_t));
  }

  uint64_t operator()(int64_t row) const {
    const int64_t begin = offsets_[row];
    const int64_t size = offsets_[row + 1] - begin;
    uint64_t word = 0;
    if (begin <= whole_begin_max_) [[likely]] {
      std::memcpy(&word, data_ + begin, sizeof word);
    } else if (size > 0) {
      std::memcpy(&word, data_ + begin, static_cast<size_t>(std::min<int64_t>(size, sizeof word)));
    }
    return BytePrefixOf(word, static_cast<size_t>(size));
  }

 private:
  const int32_t* offsets_;
  const uint8_t* data_ = nullptr;
  int64_t whole_begin_max_ = -1;
};

/// An integer column's values, as unsigned numbers that compare like them.
template <typename T>
class IntegerPrefixes {
 public:
  explicit IntegerPrefixes(const arrow::ArrayData& array) : values_(array.GetValues<T>(1)) {}
  uint64_t operator()(int64_t row) const { return static_cast<uint64_t>(int64_t{values_[row]}) ^ (uint64_t{1} << 63); }

 private:
  const T* values_;
};

template <typename T>
int CompareValues(const arrow::ArrayData& array, int64_t a, int64_t b) {
  const T* values = array.GetValues<T>(1);
  return values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0;
}

/// The order of two rows by one key field after the other.
int CompareRows(const Batch& batch, int64_t a, int64_t b) {
  for (const int column : batch.layout().key_columns()) {
    const arrow::ArrayData& array = *batch.arrow()->column_data(column);
    const model::TypeKind kind = batch.layout().field(column).type.kind();
    int order = 0;
    if (IsBytes(kind)) {
      const auto& bytes = static_cast<const arrow::BinaryArray&>(*batch.column(column));
      order = bytes.GetView(a).compare(bytes.GetView(b));
    } else if (kind == model::TypeKind::kInt || kind == model::TypeKind::kDate) {
      order = CompareValues<int32_t>(array, a, b);
    } else {
      order = CompareValues<int64_t>(array, a, b);
    }
    if (order != 0) return order;
  }
  return 0;
}

template <typename Prefixes>
int64_t FirstOutOfOrderBy(const Prefixes& prefixes, const Batch& batch) {
  uint64_t before = prefixes(0);
  for (int64_t row = 1; row < batch.rows(); ++row) {
    const uint64_t prefix = prefixes(row);
    if (prefix <= before) [[unlikely]] {
      if (prefix < before || CompareRows(batch, row - 1, row) > 0) return row;
    }
    before = prefix;
  }
  return -1;
}

}  // namespace

int64_t FirstOutOfOrder(const Batch& batch) {
  SLEEPER_CHECK(batch.layout().has_keys(), "the order of a batch that lacks key columns");
  if (batch.rows() == 0) return -1;
  const int first = batch.layout().key_columns().front();
  const arrow::ArrayData& array = *batch.arrow()->column_data(first);
  const model::TypeKind kind = batch.layout().field(first).type.kind();
  if (IsBytes(kind)) return FirstOutOfOrderBy(BytePrefixes(array), batch);
  if (kind == model::TypeKind::kInt || kind == model::TypeKind::kDate) {
    return FirstOutOfOrderBy(IntegerPrefixes<int32_t>(array), batch);
  }
  return FirstOutOfOrderBy(IntegerPrefixes<int64_t>(array), batch);
}

}  // namespace sleeper::columnar
