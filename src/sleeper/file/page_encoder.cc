#include "sleeper/file/page_encoder.h"

#include <algorithm>
#include <cstring>

#include "sleeper/file/bit_packing.h"
#include "sleeper/file/column_page.h"
#include "sleeper/file/crc32.h"
#include "sleeper/file/delta_binary_packed.h"
#include "sleeper/file/rle_hybrid.h"

namespace sleeper::file {
namespace {

/// Leaves out the values of nulls, without a branch for each.
template <typename Value>
size_t Squeeze(const uint8_t* values, const uint8_t* valid, int64_t count, uint8_t* out) {
  uint8_t* next = out;
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(next, values + i * static_cast<int64_t>(sizeof(Value)), sizeof(Value));
    next += valid[i] * sizeof(Value);
  }
  return static_cast<size_t>(next - out);
}

/// Adds `base` to each of some flags, which are 1 or 0, in words: short lists take one each. Up to 7 bytes beyond are
/// read and written.
void AddToBytes(const uint8_t* flags, size_t count, uint8_t base, uint8_t* out) {
  const uint64_t bases = base * uint64_t{0x0101010101010101};
  for (size_t i = 0; i < count; i += sizeof bases) {
    uint64_t word;
    std::memcpy(&word, flags + i, sizeof word);
    word += bases;
    std::memcpy(out + i, &word, sizeof word);
  }
}

}  // namespace

Result<PageHeader> PageEncoder::Append(const PageRows& rows, std::optional<std::span<const uint32_t>> indexes,
                                       uint32_t dictionary_size, ByteArray& out) {
  if (rows.value_bytes() + rows.slots > kPageBytesMax || rows.slots + rows.rows > kPageBytesMax / kSlotBytes) {
    return Error(ErrorKind::kInvalid, "a value is too large: one row of one field holds at most ", kPageBytesMax / 2,
                 " bytes and ", kPageBytesMax / kSlotBytes / 2, " elements");
  }
  PageHeader header{.rows = static_cast<int32_t>(rows.rows)};
  body_.Clear();
  EncodeLevels(rows, header);
  const size_t level_bytes = body_.size();
  const int64_t nulls = rows.nulls();
  header.encoding = indexes ? EncodeIndexes(*indexes, dictionary_size) : EncodeValues(rows, nulls);
  TRY(AppendBody(header, level_bytes, out));
  return header;
}

Result<PageHeader> PageEncoder::AppendDictionary(std::span<const uint8_t> plain, uint32_t values, ByteArray& out) {
  PageHeader header{
      .type = PageType::kDictionary, .values = static_cast<int32_t>(values), .encoding = Encoding::kPlain};
  body_.Clear();
  body_.Append(plain);
  TRY(AppendBody(header, 0, out));
  return header;
}

void PageEncoder::EncodeLevels(const PageRows& rows, PageHeader& header) {
  const LeafShape& shape = rows.shape;
  header.nulls = static_cast<int32_t>(rows.nulls());
  header.values = static_cast<int32_t>(rows.slots);
  if (!shape.repeated) {
    if (shape.max_definition > 0) AppendRle(rows.valid.span(), 1, body_);
    header.definition_bytes = static_cast<int32_t>(body_.size());
    return;
  }
  EncodeRepeatedLevels(rows);
  AppendRle(repetition_levels_.span(), 1, body_);
  header.repetition_bytes = static_cast<int32_t>(body_.size());
  AppendRle(definition_levels_.span(), WidthOfBits(static_cast<unsigned>(shape.max_definition)), body_);
  header.definition_bytes = static_cast<int32_t>(body_.size()) - header.repetition_bytes;
  // A list without elements has levels, and so counts as a value that is null.
  const auto levels = static_cast<int32_t>(definition_levels_.size());
  header.nulls += levels - header.values;
  header.values = levels;
}

void PageEncoder::EncodeRepeatedLevels(const PageRows& rows) {
  const LeafShape& shape = rows.shape;
  const auto levels_max = static_cast<size_t>(rows.rows + rows.slots);
  repetition_levels_.Clear();
  definition_levels_.Clear();
  uint8_t* repetition = repetition_levels_.Reserve(levels_max);
  uint8_t* definition = definition_levels_.Reserve(levels_max);
  const auto empty = static_cast<uint8_t>(shape.empty_level);
  size_t slot = 0;
  for (size_t row = 0; row < static_cast<size_t>(rows.rows); ++row) {
    const uint32_t size = rows.list_sizes[row];
    if (size == 0) {
      const bool valid = !shape.nullable_rows() || rows.valid_rows[row] != 0;
      *repetition++ = 0;
      *definition++ = valid ? empty : 0;
    }
    if (shape.nullable()) {
      AddToBytes(rows.valid.data() + slot, size, static_cast<uint8_t>(shape.max_definition - 1), definition);
    } else {
      std::memset(definition, shape.max_definition, size);
    }
    std::memset(repetition, 1, size);
    if (size > 0) *repetition = 0;
    definition += size;
    repetition += size;
    slot += size;
  }
  const auto levels = static_cast<size_t>(repetition - repetition_levels_.data());
  repetition_levels_.Advance(levels);
  definition_levels_.Advance(levels);
}

Encoding PageEncoder::EncodeIndexes(std::span<const uint32_t> indexes, uint32_t dictionary_size) {
  const int width = dictionary_size == 0 ? 0 : WidthOfBits(dictionary_size - 1);
  const auto width_byte = static_cast<uint8_t>(width);
  body_.Append({&width_byte, 1});
  AppendRle(indexes, width, body_);
  return Encoding::kRleDictionary;
}

Encoding PageEncoder::EncodeValues(const PageRows& rows, int64_t nulls) {
  if (rows.shape.type == PhysicalType::kByteArray) return EncodeBytes(rows, nulls);
  const std::span<const uint8_t> values = DenseFixed(rows, nulls);
  if (rows.shape.type == PhysicalType::kBoolean) {
    AppendPlainBooleans(values, body_);
    return Encoding::kPlain;
  }
  if (encoding_.values != ValueEncoding::kPlain) {
    if (rows.shape.type == PhysicalType::kInt32) return EncodeIntegers<int32_t>(values);
    if (rows.shape.type == PhysicalType::kInt64) return EncodeIntegers<int64_t>(values);
  }
  body_.Append(values);
  return Encoding::kPlain;
}

template <typename T>
Encoding PageEncoder::EncodeIntegers(std::span<const uint8_t> values) {
  const bool may_be_plain = encoding_.values == ValueEncoding::kSmaller;
  if (!may_be_plain || deltas_.IsDue()) {
    const size_t before = body_.size();
    AppendDelta(std::span(reinterpret_cast<const T*>(values.data()), values.size() / sizeof(T)), body_);
    const bool smaller = body_.size() - before < values.size();
    deltas_.Report(smaller);
    if (smaller || !may_be_plain) return Encoding::kDeltaBinaryPacked;
    body_.Truncate(before);
  }
  body_.Append(values);
  return Encoding::kPlain;
}

Encoding PageEncoder::EncodeBytes(const PageRows& rows, int64_t nulls) {
  const CollectedBytes values{rows.bytes.span(), DenseSizes(rows, nulls)};
  switch (encoding_.values) {
    case ValueEncoding::kPlain:
      AppendPlainBytes(values, body_);
      return Encoding::kPlain;
    case ValueEncoding::kSharedPrefixes:
      shared_prefixes_.Append(values, body_);
      return Encoding::kDeltaByteArray;
    case ValueEncoding::kDelta:
    case ValueEncoding::kSmaller:
      break;
  }
  AppendDeltaLength(values, body_);
  return Encoding::kDeltaLengthByteArray;
}

std::span<const uint8_t> PageEncoder::DenseFixed(const PageRows& rows, int64_t nulls) {
  if (nulls == 0) return rows.fixed.span();
  dense_fixed_.Resize(rows.fixed.size());
  const uint8_t* const values = rows.fixed.data();
  size_t size = 0;
  switch (WidthOf(rows.shape.type)) {
    case 1:
      size = Squeeze<uint8_t>(values, rows.valid.data(), rows.slots, dense_fixed_.data());
      break;
    case 4:
      size = Squeeze<uint32_t>(values, rows.valid.data(), rows.slots, dense_fixed_.data());
      break;
    default:
      size = Squeeze<uint64_t>(values, rows.valid.data(), rows.slots, dense_fixed_.data());
  }
  return dense_fixed_.span().first(size);
}

std::span<const int32_t> PageEncoder::DenseSizes(const PageRows& rows, int64_t nulls) {
  if (nulls == 0) return rows.sizes.span();
  dense_sizes_.Resize(rows.sizes.size());
  int32_t* next = dense_sizes_.data();
  for (size_t i = 0; i < rows.sizes.size(); ++i) {
    *next = rows.sizes[i];
    next += rows.valid[i];
  }
  return dense_sizes_.span().first(static_cast<size_t>(next - dense_sizes_.data()));
}

Status PageEncoder::AppendBody(PageHeader& header, size_t level_bytes, ByteArray& out) {
  const std::span<const uint8_t> levels = body_.span().first(level_bytes);
  std::span<const uint8_t> values = body_.span().subspan(level_bytes);
  header.uncompressed_bytes = static_cast<int32_t>(body_.size());
  header.is_compressed = false;
  // Only data pages of version 2 can be left as they are.
  const bool must_compress = header.type == PageType::kDictionary;
  if (encoding_.compressor != nullptr && (must_compress || (!values.empty() && compression_.IsDue()))) {
    MatchSearch of_dictionary;
    TRY_ASSIGN(const std::span<const uint8_t> compressed,
               encoding_.compressor->Compress(values, must_compress ? of_dictionary : match_search_));
    const bool smaller = compressed.size() < values.size();
    if (!must_compress) compression_.Report(smaller);
    if (smaller || must_compress) {
      values = compressed;
      header.is_compressed = true;
    }
  }
  header.compressed_bytes = static_cast<int32_t>(level_bytes + values.size());
  header.crc = Crc32(Crc32(0, levels), values);
  header_.Clear();
  WritePageHeader(header, header_);
  out.Append({reinterpret_cast<const uint8_t*>(header_.bytes().data()), header_.bytes().size()});
  out.Append(levels);
  out.Append(values);
  return Status::OK();
}

}  // namespace sleeper::file
