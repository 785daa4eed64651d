#include "sleeper/columnar/key_column.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "sleeper/base/check.h"
#include "sleeper/model/key_codec.h"

namespace sleeper::columnar {
namespace {

/// Short strings are copied as one block of this size, where both sides have room for it.
constexpr int64_t kBlock = 16;

/// What a key column looks like to the encoder.
struct Source {
  enum class Kind { kInt32, kInt64, kBytes, kBytesWithZeros };
  Kind kind;
  const int32_t* int32 = nullptr;
  const int64_t* int64 = nullptr;
  const int32_t* offsets = nullptr;
  const uint8_t* data = nullptr;
  /// Strings that begin at or before this position may be read by the block.
  int64_t block_begin_max = -1;
};

size_t CountZeros(std::string_view bytes) { return static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\0')); }

struct KeyShape {
  std::vector<Source> sources;
  /// Bytes of all rows' keys, exactly.
  size_t size = 0;
  /// Bytes per row of the fixed-width columns, and whether there are others.
  size_t width = 0;
  bool fixed = true;
  /// The same for the sort keys alone.
  size_t sort_keys_width = 0;
  bool sort_keys_fixed = true;
};

/// Adds a column of strings or bytes; returns what its values take in all.
size_t AddBytes(const arrow::BinaryArray& array, KeyShape& shape) {
  const auto rows = static_cast<size_t>(array.length());
  Source source{.kind = Source::Kind::kBytes, .offsets = array.raw_value_offsets()};
  size_t bytes = 0;
  size_t zeros = 0;
  // Without rows there may be no offsets; without bytes, no data.
  if (rows > 0 && array.value_data() != nullptr) {
    source.data = array.value_data()->data();
    source.block_begin_max = array.value_data()->size() - kBlock;
    const int32_t begin = source.offsets[0];
    bytes = static_cast<size_t>(source.offsets[rows] - begin);
    zeros = CountZeros({reinterpret_cast<const char*>(source.data) + begin, bytes});
  }
  if (zeros > 0) source.kind = Source::Kind::kBytesWithZeros;
  shape.sources.push_back(source);
  return bytes + zeros + rows * model::kNormalisedTerminatorSize;
}

KeyShape ShapeOf(const Batch& batch, std::span<const int> key_columns) {
  KeyShape shape;
  const auto rows = static_cast<size_t>(batch.rows());
  const int row_keys = batch.layout().schema().row_key_count();
  int key = 0;
  for (int column : key_columns) {
    const bool is_sort_key = key++ >= row_keys;
    const arrow::ArrayData& data = *batch.arrow()->column_data(column);
    size_t width = 0;
    switch (batch.layout().field(column).type.kind()) {
      case model::TypeKind::kInt:
      case model::TypeKind::kDate:
        shape.sources.push_back({.kind = Source::Kind::kInt32, .int32 = data.GetValues<int32_t>(1)});
        width = model::kNormalisedInt32Size;
        break;
      case model::TypeKind::kLong:
      case model::TypeKind::kTimestamp:
        shape.sources.push_back({.kind = Source::Kind::kInt64, .int64 = data.GetValues<int64_t>(1)});
        width = model::kNormalisedInt64Size;
        break;
      default:
        shape.size += AddBytes(static_cast<const arrow::BinaryArray&>(*batch.column(column)), shape);
        shape.fixed = false;
        if (is_sort_key) shape.sort_keys_fixed = false;
        break;
    }
    shape.width += width;
    if (is_sort_key) shape.sort_keys_width += width;
  }
  shape.size += rows * shape.width;
  return shape;
}

uint8_t* StorePlainBytes(uint8_t* out, const uint8_t* data, int64_t begin, int64_t size, int64_t block_begin_max) {
  if (size <= kBlock && begin <= block_begin_max) {
    std::memcpy(out, data + begin, kBlock);
  } else if (size > 0) {
    std::memcpy(out, data + begin, static_cast<size_t>(size));
  }
  out[size] = 0x00;
  out[size + 1] = 0x01;
  return out + size + 2;
}

template <Source::Kind kKind>
uint8_t* StoreAs(uint8_t* out, const Source& source, size_t row) {
  if constexpr (kKind == Source::Kind::kInt32) return model::StoreNormalised(out, source.int32[row]);
  if constexpr (kKind == Source::Kind::kInt64) return model::StoreNormalised(out, source.int64[row]);
  const int64_t begin = source.offsets[row];
  const int64_t size = source.offsets[row + 1] - begin;
  if constexpr (kKind == Source::Kind::kBytes) {
    return StorePlainBytes(out, source.data, begin, size, source.block_begin_max);
  }
  return model::StoreNormalised(
      out, std::string_view(reinterpret_cast<const char*>(source.data) + begin, static_cast<size_t>(size)));
}

/// Calls `visit` with the kind as a template argument.
template <typename Visit>
auto WithKind(Source::Kind kind, Visit visit) {
  switch (kind) {
    case Source::Kind::kInt32:
      return visit.template operator()<Source::Kind::kInt32>();
    case Source::Kind::kInt64:
      return visit.template operator()<Source::Kind::kInt64>();
    case Source::Kind::kBytes:
      return visit.template operator()<Source::Kind::kBytes>();
    default:
      return visit.template operator()<Source::Kind::kBytesWithZeros>();
  }
}

/// Where the encoded keys go.
struct Target {
  uint8_t* bytes;
  /// Where each key begins; null if all have one width.
  uint32_t* begins;
  /// What the row keys take of each key; null if the sort keys have one width.
  uint32_t* row_key_sizes;
};

/// Row by row, so that a block that is longer than its string is overwritten by what follows it. Returns the end.
uint8_t* EncodeRows(std::span<const Source> sources, size_t row_keys, size_t rows, Target target) {
  uint8_t* out = target.bytes;
  for (size_t row = 0; row < rows; ++row) {
    uint8_t* const begin = out;
    if (target.begins != nullptr) target.begins[row] = static_cast<uint32_t>(out - target.bytes);
    for (size_t i = 0; i < sources.size(); ++i) {
      if (i == row_keys && target.row_key_sizes != nullptr) {
        target.row_key_sizes[row] = static_cast<uint32_t>(out - begin);
      }
      out = WithKind(sources[i].kind, [&]<Source::Kind kKind>() { return StoreAs<kKind>(out, sources[i], row); });
    }
  }
  return out;
}

/// The same for one or two key fields, which most tables have: a loop for each combination of kinds, twice as fast.
template <Source::Kind... kKinds>
uint8_t* EncodeRowsAs(std::span<const Source> sources, size_t rows, Target target) {
  return [&]<size_t... kIndexes>(std::index_sequence<kIndexes...>) {
    const std::array<Source, sizeof...(kKinds)> fields = {sources[kIndexes]...};
    uint8_t* const start = target.bytes;
    uint32_t* const begins = target.begins;
    uint8_t* out = start;
    for (size_t row = 0; row < rows; ++row) {
      if (begins != nullptr) begins[row] = static_cast<uint32_t>(out - start);
      ((out = StoreAs<kKinds>(out, fields[kIndexes], row)), ...);
    }
    return out;
  }
  (std::make_index_sequence<sizeof...(kKinds)>());
}

uint8_t* EncodeRowsFast(std::span<const Source> sources, size_t row_keys, size_t rows, Target target) {
  if (sources.size() > 2 || target.row_key_sizes != nullptr) return EncodeRows(sources, row_keys, rows, target);
  return WithKind(sources[0].kind, [&]<Source::Kind kFirst>() {
    if (sources.size() == 1) return EncodeRowsAs<kFirst>(sources, rows, target);
    return WithKind(sources[1].kind,
                    [&]<Source::Kind kSecond>() { return EncodeRowsAs<kFirst, kSecond>(sources, rows, target); });
  });
}

}  // namespace

Status KeyColumn::Encode(const Batch& batch) {
  SLEEPER_CHECK(batch.layout().has_keys(), "keys of a batch that lacks key columns");
  return EncodeColumns(batch, batch.layout().key_columns());
}

Status KeyColumn::EncodeRowKeys(const Batch& batch) {
  SLEEPER_CHECK(batch.layout().has_row_keys(), "row keys of a batch that lacks some of them");
  return EncodeColumns(batch, batch.layout().row_key_columns());
}

Status KeyColumn::EncodeColumns(const Batch& batch, std::span<const int> key_columns) {
  const KeyShape shape = ShapeOf(batch, key_columns);
  if (shape.size > std::numeric_limits<int32_t>::max()) {
    return Error(ErrorKind::kInvalid, "the keys of one batch take 2 GiB or more: ", shape.size, " bytes of ",
                 batch.rows(), " rows");
  }
  rows_ = batch.rows();
  const auto rows = static_cast<size_t>(rows_);
  if (bytes_.size() < shape.size + kSlack) bytes_.resize(shape.size + kSlack);
  width_ = shape.fixed ? shape.width : 0;
  ends_.resize(shape.fixed ? 0 : rows + 1);
  sort_keys_width_ = shape.sort_keys_width;
  row_key_sizes_.resize(shape.sort_keys_fixed ? 0 : rows);

  uint8_t* const start = reinterpret_cast<uint8_t*>(bytes_.data());
  const uint8_t* const out =
      EncodeRowsFast(shape.sources, static_cast<size_t>(batch.layout().schema().row_key_count()), rows,
                     {.bytes = start,
                      .begins = ends_.empty() ? nullptr : ends_.data(),
                      .row_key_sizes = row_key_sizes_.empty() ? nullptr : row_key_sizes_.data()});
  if (!ends_.empty()) ends_[rows] = static_cast<uint32_t>(out - start);
  SLEEPER_CHECK(static_cast<size_t>(out - start) == shape.size, "keys of ", out - start, " bytes, planned ",
                shape.size);
  return Status::OK();
}

int64_t KeyColumn::LowerBound(std::string_view key) const {
  int64_t begin = 0;
  int64_t end = rows_;
  while (begin < end) {
    const int64_t middle = begin + (end - begin) / 2;
    if (row_key(middle) < key) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

model::KeyBounds KeyColumn::Bounds() const {
  SLEEPER_CHECK(rows_ > 0, "bounds of no rows");
  return {model::NormalisedKey(row_key(0)), model::NormalisedKey(row_key(rows_ - 1))};
}

size_t KeyColumn::CommonPrefix() const {
  if (rows_ == 0) return 0;
  std::string_view common = key(0);
  for (int64_t row = 1; row < rows_; ++row) {
    const std::string_view other = key(row);
    const size_t size = std::min(common.size(), other.size());
    const auto parted = std::mismatch(common.begin(), common.begin() + static_cast<ptrdiff_t>(size), other.begin());
    common = common.substr(0, static_cast<size_t>(parted.first - common.begin()));
  }
  return common.size();
}

int64_t KeyColumn::bytes() const {
  return static_cast<int64_t>(bytes_.capacity() + (ends_.capacity() + row_key_sizes_.capacity()) * sizeof(uint32_t));
}

}  // namespace sleeper::columnar
