#include "sleeper/file/key_pages.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <utility>

#include "sleeper/model/key_codec.h"

namespace sleeper::file {
namespace {

template <typename Integer>
Result<Integer> PlainInteger(std::string_view value) {
  static_assert(std::endian::native == std::endian::little, "plain Parquet values are little-endian");
  if (value.size() != sizeof(Integer))
    return Error(ErrorKind::kCorrupt, "a bound in a page index has ", value.size(), " bytes");
  Integer integer;
  std::memcpy(&integer, value.data(), sizeof integer);
  return integer;
}

Status AppendPlain(model::NormalisedKey& key, model::TypeKind type, std::string_view value) {
  switch (type) {
    case model::TypeKind::kInt:
    case model::TypeKind::kDate: {
      TRY_ASSIGN(const auto integer, PlainInteger<int32_t>(value));
      model::AppendNormalised(key, integer);
      return Status::OK();
    }
    case model::TypeKind::kLong:
    case model::TypeKind::kTimestamp: {
      TRY_ASSIGN(const auto integer, PlainInteger<int64_t>(value));
      model::AppendNormalised(key, integer);
      return Status::OK();
    }
    default:
      model::AppendNormalised(key, value);
      return Status::OK();
  }
}

/// The least and the greatest normalised value of a column within some rows; false if they are not known.
struct ValueRange {
  bool known = false;
  model::NormalisedKey min;
  model::NormalisedKey max;
};

Result<ValueRange> RangeWithin(const KeyColumnPages& column, int64_t begin, int64_t end) {
  ValueRange range;
  if (column.min_values.empty()) return range;
  const auto& rows = column.first_rows;
  // From the page that holds the first row to the one that holds the last.
  auto page = static_cast<size_t>(std::upper_bound(rows.begin(), rows.end(), begin) - rows.begin()) - 1;
  for (; page < rows.size() && rows[page] < end; ++page) {
    model::NormalisedKey min;
    model::NormalisedKey max;
    TRY(AppendPlain(min, column.type, column.min_values[page]));
    TRY(AppendPlain(max, column.type, column.max_values[page]));
    if (!range.known || min < range.min) range.min = std::move(min);
    if (!range.known || max > range.max) range.max = std::move(max);
    range.known = true;
  }
  return range;
}

}  // namespace

Result<std::vector<KeyPage>> KeyPagesOf(std::span<const KeyColumnPages> columns, int64_t rows) {
  const std::vector<int64_t>& first_rows = columns.front().first_rows;
  std::vector<KeyPage> pages;
  pages.reserve(first_rows.size());
  for (size_t i = 0; i < first_rows.size(); ++i) {
    const int64_t end = i + 1 < first_rows.size() ? first_rows[i + 1] : rows;
    KeyPage page{.first_row = first_rows[i], .rows = end - first_rows[i]};
    model::NormalisedKey last;
    bool bounded = false;
    for (const KeyColumnPages& column : columns) {
      TRY_ASSIGN(const ValueRange range, RangeWithin(column, page.first_row, end));
      if (!range.known) break;
      page.lower += range.min;
      last += range.max;
      bounded = true;
      if (range.min != range.max) break;
    }
    if (bounded) page.last_prefix = std::move(last);
    // The page that begins inside a run of one value may know less of its first key than the page before it.
    if (!pages.empty() && page.lower < pages.back().lower) page.lower = pages.back().lower;
    pages.push_back(std::move(page));
  }
  return pages;
}

}  // namespace sleeper::file
