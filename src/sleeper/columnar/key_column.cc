#include "sleeper/columnar/key_column.h"

#include <algorithm>
#include <array>
#include <cstring>
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
  enum class Kind { kInt32, kInt64, kBytes, kBytesWithZeros, kViews, kViewsWithZeros };
  Kind kind;
  const int32_t* int32 = nullptr;
  const int64_t* int64 = nullptr;
  const int32_t* offsets = nullptr;
  const uint8_t* data = nullptr;
  /// Strings that begin at or before this position may be read by the block.
  int64_t block_begin_max = -1;
  /// Instead of offsets; all may be read by the block.
  const ByteView* views = nullptr;
};

size_t CountZeros(std::string_view bytes) { return static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\0')); }

}  // namespace

/// What keys are made of, and what they take.
struct KeyColumn::Shape {
  std::vector<Source> sources;
  /// Bytes of all rows' keys, exactly.
  size_t size = 0;
  /// Bytes per row of the fixed-width columns, and whether there are others.
  size_t width = 0;
  bool fixed = true;
  /// The same for the sort keys alone.
  size_t sort_keys_width = 0;
  bool sort_keys_fixed = true;

  void AddFixed(Source source, size_t field_width, bool is_sort_key) {
    sources.push_back(source);
    width += field_width;
    if (is_sort_key) sort_keys_width += field_width;
  }

  void AddBytes(Source source, size_t bytes, bool is_sort_key) {
    sources.push_back(source);
    size += bytes;
    fixed = false;
    if (is_sort_key) sort_keys_fixed = false;
  }
};

namespace {

/// A column of strings or bytes, and what its values take in keys.
std::pair<Source, size_t> BytesSource(const arrow::BinaryArray& array) {
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
  return {source, bytes + zeros + rows * model::kNormalisedTerminatorSize};
}

/// The same for values that lie anywhere in a page.
std::pair<Source, size_t> BytesSource(const FlatValues& values, int64_t begin, size_t rows) {
  Source source{.kind = Source::Kind::kViews, .data = values.bytes, .views = values.views + begin};
  const std::span<const ByteView> views(source.views, rows);
  size_t bytes = 0;
  for (const ByteView view : views) bytes += view.size;
  uint32_t apart = 0;
  for (size_t i = 1; i < rows; ++i) apart |= views[i].begin ^ (views[i - 1].begin + views[i - 1].size);
  size_t zeros = 0;
  const auto count_zeros = [&](ByteView view) {
    const auto* text = reinterpret_cast<const char*>(source.data + view.begin);
    if (view.size > 0 && std::memchr(text, 0, view.size) != nullptr) zeros += CountZeros({text, view.size});
  };
  // Few strings have zeros. Those that lie one behind the other are searched as one: a call for each takes 2 % of a
  // merge.
  if (rows > 0 && apart == 0) {
    count_zeros({views.front().begin, static_cast<uint32_t>(bytes)});
  } else {
    std::ranges::for_each(views, count_zeros);
  }
  if (zeros > 0) source.kind = Source::Kind::kViewsWithZeros;
  return {source, bytes + zeros + rows * model::kNormalisedTerminatorSize};
}

/// Adds a key field of a type. `numbers(Number())` gives its values if they are numbers of that type, `bytes()` if they
/// are strings or bytes.
template <typename Shape, typename Numbers, typename Bytes>
void AddField(Shape& shape, model::TypeKind type, bool is_sort_key, Numbers numbers, Bytes bytes) {
  switch (type) {
    case model::TypeKind::kInt:
    case model::TypeKind::kDate:
      shape.AddFixed({.kind = Source::Kind::kInt32, .int32 = numbers(int32_t())}, model::kNormalisedInt32Size,
                     is_sort_key);
      break;
    case model::TypeKind::kLong:
    case model::TypeKind::kTimestamp:
      shape.AddFixed({.kind = Source::Kind::kInt64, .int64 = numbers(int64_t())}, model::kNormalisedInt64Size,
                     is_sort_key);
      break;
    default: {
      const auto [source, size] = bytes();
      shape.AddBytes(source, size, is_sort_key);
    }
  }
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
  constexpr bool kOfViews = kKind == Source::Kind::kViews || kKind == Source::Kind::kViewsWithZeros;
  constexpr bool kWithZeros = kKind == Source::Kind::kBytesWithZeros || kKind == Source::Kind::kViewsWithZeros;
  if constexpr (kKind == Source::Kind::kInt32) return model::StoreNormalised(out, source.int32[row]);
  if constexpr (kKind == Source::Kind::kInt64) return model::StoreNormalised(out, source.int64[row]);
  const int64_t begin = kOfViews ? source.views[row].begin : source.offsets[row];
  const int64_t size = kOfViews ? source.views[row].size : source.offsets[row + 1] - begin;
  if constexpr (!kWithZeros) {
    return StorePlainBytes(out, source.data, begin, size, kOfViews ? begin : source.block_begin_max);
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
    case Source::Kind::kBytesWithZeros:
      return visit.template operator()<Source::Kind::kBytesWithZeros>();
    case Source::Kind::kViews:
      return visit.template operator()<Source::Kind::kViews>();
    default:
      return visit.template operator()<Source::Kind::kViewsWithZeros>();
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
  Shape shape;
  const int row_keys = batch.layout().schema().row_key_count();
  int key = 0;
  for (const int column : key_columns) {
    const arrow::ArrayData& data = *batch.arrow()->column_data(column);
    const auto numbers = [&]<typename Number>(Number) { return data.GetValues<Number>(1); };
    const auto bytes = [&] { return BytesSource(static_cast<const arrow::BinaryArray&>(*batch.column(column))); };
    AddField(shape, batch.layout().field(column).type.kind(), key++ >= row_keys, numbers, bytes);
  }
  return EncodeShape(shape, row_keys, batch.rows());
}

Status KeyColumn::Encode(std::span<const KeyValues> fields, int row_keys, int64_t rows) {
  Shape shape;
  int key = 0;
  for (const KeyValues& field : fields) {
    const auto numbers = [&]<typename Number>(Number) {
      return reinterpret_cast<const Number*>(field.values.fixed) + field.begin;
    };
    const auto bytes = [&] { return BytesSource(field.values, field.begin, static_cast<size_t>(rows)); };
    AddField(shape, field.type, key++ >= row_keys, numbers, bytes);
  }
  return EncodeShape(shape, row_keys, rows);
}

Status KeyColumn::EncodeShape(const Shape& shape, int row_keys, int64_t row_count) {
  const auto rows = static_cast<size_t>(row_count);
  const size_t size = shape.size + rows * shape.width;
  if (size > std::numeric_limits<int32_t>::max()) {
    return Error(ErrorKind::kInvalid, "the keys of one batch take 2 GiB or more: ", size, " bytes of ", rows, " rows");
  }
  rows_ = row_count;
  if (bytes_.size() < size + kSlack) bytes_.resize(size + kSlack);
  width_ = shape.fixed ? shape.width : 0;
  ends_.resize(shape.fixed ? 0 : rows + 1);
  sort_keys_width_ = shape.sort_keys_width;
  row_key_sizes_.resize(shape.sort_keys_fixed ? 0 : rows);

  uint8_t* const start = reinterpret_cast<uint8_t*>(bytes_.data());
  const uint8_t* const out =
      EncodeRowsFast(shape.sources, static_cast<size_t>(row_keys), rows,
                     {.bytes = start,
                      .begins = ends_.empty() ? nullptr : ends_.data(),
                      .row_key_sizes = row_key_sizes_.empty() ? nullptr : row_key_sizes_.data()});
  if (!ends_.empty()) ends_[rows] = static_cast<uint32_t>(out - start);
  SLEEPER_CHECK(static_cast<size_t>(out - start) == size, "keys of ", out - start, " bytes, planned ", size);
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
