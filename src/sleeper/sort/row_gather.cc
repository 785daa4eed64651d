#include "sleeper/sort/row_gather.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "sleeper/base/check.h"
#include "sleeper/file/slack_array.h"
#include "sleeper/model/key_codec.h"

namespace sleeper::sort {
namespace {

using Rows = std::span<const uint8_t* const>;
using Cursors = std::span<const uint8_t*>;

template <typename Word>
void AppendFixed(Rows rows, size_t at, file::PageRows& page) {
  uint8_t* to = page.fixed.Reserve(rows.size() * sizeof(Word));
  for (const uint8_t* const row : rows) {
    std::memcpy(to, row + at, sizeof(Word));
    to += sizeof(Word);
  }
  page.fixed.Advance(rows.size() * sizeof(Word));
}

uint32_t FromBigEndian(uint32_t word) {
  return std::endian::native == std::endian::little ? __builtin_bswap32(word) : word;
}
uint64_t FromBigEndian(uint64_t word) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
}

/// Integers of keys, which are big endian, their sign bit flipped.
template <typename Word>
void AppendKeyIntegers(Cursors cursors, file::PageRows& page) {
  constexpr Word kSign = Word{1} << (8 * sizeof(Word) - 1);
  uint8_t* to = page.fixed.Reserve(cursors.size() * sizeof(Word));
  for (const uint8_t*& cursor : cursors) {
    Word word;
    std::memcpy(&word, cursor, sizeof word);
    word = FromBigEndian(word) ^ kSign;
    std::memcpy(to, &word, sizeof word);
    to += sizeof word;
    cursor += sizeof word;
  }
  page.fixed.Advance(cursors.size() * sizeof(Word));
}

/// The sizes of strings; returns their sum.
size_t AppendSizes(Rows rows, size_t at, file::PageRows& page) {
  int32_t* const sizes = page.sizes.Reserve(rows.size());
  size_t total = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::memcpy(&sizes[i], rows[i] + at, sizeof sizes[i]);
    total += static_cast<size_t>(sizes[i]);
  }
  page.sizes.Advance(rows.size());
  return total;
}

/// The bytes of strings whose sizes were appended last, behind each of which `skip` bytes are passed over.
void AppendBytes(Cursors cursors, size_t total, size_t skip, file::PageRows& page) {
  const int32_t* const sizes = page.sizes.end() - cursors.size();
  uint8_t* to = page.bytes.Reserve(total);
  for (size_t i = 0; i < cursors.size(); ++i) {
    const auto size = static_cast<size_t>(sizes[i]);
    file::CopyShort(to, cursors[i], size);
    to += size;
    cursors[i] += size + skip;
  }
  page.bytes.Advance(total);
}

/// The same for strings of keys of which some have zero bytes, each followed by another byte.
void AppendKeyBytesWithZeros(Cursors cursors, size_t total, file::PageRows& page) {
  const int32_t* const sizes = page.sizes.end() - cursors.size();
  uint8_t* to = page.bytes.Reserve(total);
  for (size_t i = 0; i < cursors.size(); ++i) {
    for (int32_t done = 0; done < sizes[i]; ++done) {
      *to = *cursors[i]++;
      if (*to++ == 0) ++cursors[i];
    }
    cursors[i] += model::kNormalisedTerminatorSize;
  }
  page.bytes.Advance(total);
}

}  // namespace

void RowGather::Load(std::span<const RowEntry> entries) {
  SLEEPER_DCHECK(entries.size() <= kRowsMax, "too many rows for a block", entries.size());
  count_ = entries.size();
  const size_t key_begin = rows_.row_layout().key_begin();
  for (size_t i = 0; i < count_; ++i) {
    starts_[i] = rows_.row(entries[i].address);
    cursors_[i] = starts_[i] + key_begin;
  }
}

void RowGather::AppendTo(size_t column, int64_t begin, int64_t count, file::PageRows& page) {
  const RowLayout::Column& layout = rows_.row_layout().columns()[column];
  const auto size = static_cast<size_t>(count);
  const Rows rows = Rows(starts_).subspan(static_cast<size_t>(begin), size);
  const Cursors cursors = Cursors(cursors_).subspan(static_cast<size_t>(begin), size);
  if (layout.valid_at != RowLayout::kNone) {
    uint8_t* const valid = page.valid.Reserve(size);
    for (size_t i = 0; i < size; ++i) valid[i] = rows[i][layout.valid_at];
    page.valid.Advance(size);
  }
  if (layout.width == 0) {
    const size_t total = AppendSizes(rows, layout.at, page);
    if (layout.is_key && !rows_.is_plain(column)) {
      AppendKeyBytesWithZeros(cursors, total, page);
    } else {
      AppendBytes(cursors, total, layout.is_key ? model::kNormalisedTerminatorSize : 0, page);
    }
  } else if (layout.is_key) {
    layout.width == 4 ? AppendKeyIntegers<uint32_t>(cursors, page) : AppendKeyIntegers<uint64_t>(cursors, page);
  } else if (layout.width == 1) {
    AppendFixed<uint8_t>(rows, layout.at, page);
  } else {
    layout.width == 4 ? AppendFixed<uint32_t>(rows, layout.at, page) : AppendFixed<uint64_t>(rows, layout.at, page);
  }
  page.rows += count;
  page.slots += count;
}

}  // namespace sleeper::sort
