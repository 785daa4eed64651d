#include "sleeper/file/column_page.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "sleeper/file/bit_packing.h"
#include "sleeper/file/delta_binary_packed.h"
#include "sleeper/file/rle_hybrid.h"

// A page is decoded in four steps: its bytes are decompressed into memory with slack; levels become a byte for each
// slot that says whether it holds a value, and for lists the range of slots of each row; the values, which come without
// the places of nulls, are decoded or, where they lie plainly, only found; at last they are spread over the slots.

namespace sleeper::file {
namespace {

Status Corrupt(std::string_view what) { return Error(ErrorKind::kCorrupt, what); }

Status UnknownEncoding(Encoding encoding) {
  return Error(ErrorKind::kInvalid, "a page has an encoding that is not read here: ", static_cast<int>(encoding));
}

/// Takes levels from the front of a page of version 1: their length in four bytes, and runs.
Result<std::span<const uint8_t>> TakeLevels(std::span<const uint8_t>& bytes, Encoding encoding) {
  if (encoding != Encoding::kRle) return UnknownEncoding(encoding);
  uint32_t size;
  if (bytes.size() < sizeof size) return Corrupt("a page is too short for its levels");
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes = bytes.subspan(sizeof size);
  if (size > bytes.size()) return Corrupt("a page is too short for its levels");
  const std::span<const uint8_t> levels = bytes.first(size);
  bytes = bytes.subspan(size);
  return levels;
}

Status DecodeLevels(std::span<const uint8_t> bytes, int level_max, size_t count, SlackArray<uint8_t>& levels) {
  levels.Resize(count);
  const auto width = WidthOfBits(static_cast<unsigned>(level_max));
  if (!DecodeRle(bytes, width, count, levels.data())) return Corrupt("a page's levels are malformed");
  uint8_t most = 0;
  for (size_t i = 0; i < count; ++i) most = std::max(most, levels[i]);
  return most <= level_max ? Status::OK() : Corrupt("a page's levels are higher than the schema's");
}

/// A list can be shorter by its header than by its values, and no checksum covers the header. Pages of version 1 may
/// have bytes behind their values.
Status CheckAllTaken(const EncodedPage& page, size_t taken, size_t size) {
  if (page.header->type != PageType::kDataV2 || taken == size) return Status::OK();
  return Corrupt("a page has more values than its header says");
}

/// From the last to the first, so that values may be spread within their own memory: a value never moves to the front.
template <typename Value>
void Spread(const uint8_t* dense, int64_t dense_count, const uint8_t* valid, int64_t count, uint8_t* spread) {
  int64_t next = dense_count;
  for (int64_t i = count; i-- > 0;) {
    Value value{};
    if (valid[i] != 0) std::memcpy(&value, dense + --next * static_cast<int64_t>(sizeof value), sizeof value);
    std::memcpy(spread + i * static_cast<int64_t>(sizeof value), &value, sizeof value);
  }
}

template <typename Value>
void Pick(const uint8_t* dictionary, std::span<const uint32_t> indexes, uint8_t* out) {
  for (size_t i = 0; i < indexes.size(); ++i) {
    std::memcpy(out + i * sizeof(Value), dictionary + indexes[i] * sizeof(Value), sizeof(Value));
  }
}

}  // namespace

Status ColumnPage::Load(const EncodedPage& page, PageDecoder& decoder) {
  values_ = {};
  null_rows_ = 0;
  dictionary_ = nullptr;
  const PageHeader& header = *page.header;
  if (static_cast<int64_t>(page.body.size()) != header.compressed_bytes) return Corrupt("a page is cut short");
  if (header.uncompressed_bytes > page.bytes_max || header.values > page.bytes_max / kSlotBytes) {
    return Error(ErrorKind::kCorrupt, "a page is larger than allowed: ", header.uncompressed_bytes, " bytes and ",
                 header.values, " values, at most ", page.bytes_max);
  }
  TRY_ASSIGN(const Parts parts, Decompress(page, decoder));
  if (header.type == PageType::kDictionary) {
    rows_ = values_.count = header.values;
  } else {
    TRY(LoadLevels(page, parts, decoder));
  }
  return LoadValues(page, parts.values, decoder);
}

Result<ColumnPage::Parts> ColumnPage::Decompress(const EncodedPage& page, PageDecoder& decoder) {
  const PageHeader& header = *page.header;
  raw_.Resize(static_cast<size_t>(header.uncompressed_bytes));
  // In pages of version 2, levels lie in front of what is compressed.
  const bool v2 = header.type == PageType::kDataV2;
  const auto levels = v2 ? static_cast<size_t>(header.repetition_bytes + header.definition_bytes) : 0;
  if (levels > 0) std::memcpy(raw_.data(), page.body.data(), levels);
  const Codec codec = v2 && !header.is_compressed ? Codec::kNone : page.codec;
  TRY(decoder.decompressor.Decompress(codec, page.body.subspan(levels), {raw_.data() + levels, raw_.size() - levels}));
  return SplitPage(page, raw_.span());
}

Result<ColumnPage::Parts> ColumnPage::SplitPage(const EncodedPage& page, std::span<const uint8_t> bytes) {
  const PageHeader& header = *page.header;
  Parts parts;
  switch (header.type) {
    case PageType::kDataV2:
      parts.repetition = bytes.first(static_cast<size_t>(header.repetition_bytes));
      bytes = bytes.subspan(parts.repetition.size());
      parts.definition = bytes.first(static_cast<size_t>(header.definition_bytes));
      bytes = bytes.subspan(parts.definition.size());
      break;
    case PageType::kData:
      if (page.shape->repeated) {
        TRY_ASSIGN(parts.repetition, TakeLevels(bytes, header.repetition_encoding));
      }
      if (page.shape->max_definition > 0) {
        TRY_ASSIGN(parts.definition, TakeLevels(bytes, header.definition_encoding));
      }
      break;
    case PageType::kDictionary:
      break;
    default:
      return Corrupt("a page is neither of data nor a dictionary");
  }
  parts.values = bytes;
  return parts;
}

Status ColumnPage::LoadLevels(const EncodedPage& page, const Parts& parts, PageDecoder& decoder) {
  const PageHeader& header = *page.header;
  const bool v2 = header.type == PageType::kDataV2;
  const auto count = static_cast<size_t>(header.values);
  if (page.shape->repeated) {
    TRY(LoadRepeatedLevels(page, parts, decoder));
  } else {
    rows_ = values_.count = header.values;
    // A page of version 2 that says it has no nulls has levels that say nothing else.
    if (page.shape->max_definition > 0 && !(v2 && header.nulls == 0)) {
      TRY(DecodeLevels(parts.definition, 1, count, valid_));
      values_.nulls = header.values - std::accumulate(valid_.data(), valid_.end(), int64_t{0});
    }
    if (v2 && header.nulls != values_.nulls) return Corrupt("a page's header and its levels differ in nulls");
  }
  if (v2 && header.rows != rows_) return Corrupt("a page's header and its levels differ in rows");
  if (values_.nulls > 0) values_.valid = valid_.data();
  return Status::OK();
}

Status ColumnPage::LoadRepeatedLevels(const EncodedPage& page, const Parts& parts, PageDecoder& decoder) {
  const LeafShape& shape = *page.shape;
  const auto count = static_cast<size_t>(page.header->values);
  TRY(DecodeLevels(parts.repetition, 1, count, decoder.repetition_levels));
  TRY(DecodeLevels(parts.definition, shape.max_definition, count, decoder.definition_levels));
  const uint8_t* const repetitions = decoder.repetition_levels.data();
  const uint8_t* const definitions = decoder.definition_levels.data();
  if (count > 0 && repetitions[0] != 0) {
    // Pages of version 1 may; we have no use for them.
    const bool v1 = page.header->type == PageType::kData;
    return Error(v1 ? ErrorKind::kInvalid : ErrorKind::kCorrupt, "a page begins inside a row");
  }
  row_offsets_.Resize(count + 1);
  valid_rows_.Resize(count);
  valid_.Resize(count);
  size_t rows = 0;
  uint32_t slots = 0;
  uint32_t values = 0;
  uint32_t valid_rows = 0;
  uint32_t wrong = 0;
  // Rows and elements are written in any case and counted only if there is one: where rows begin and which lists are
  // empty could not be predicted. Worth 3 % of a merge of lists.
  for (size_t i = 0; i < count; ++i) {
    const int level = definitions[i];
    const uint32_t begins_row = repetitions[i] ^ 1U;
    const uint32_t is_element = level > shape.empty_level ? 1 : 0;
    wrong |= (begins_row | is_element) ^ 1U;
    row_offsets_[rows] = slots;
    valid_rows_[rows] = level >= shape.empty_level ? 1 : 0;
    valid_rows += valid_rows_[rows] & begins_row;
    rows += begins_row;
    valid_[slots] = level == shape.max_definition ? 1 : 0;
    values += valid_[slots];
    slots += is_element;
  }
  if (wrong != 0) return Corrupt("an element of a list has the level of an empty one");
  row_offsets_[rows] = slots;
  valid_.Resize(slots);
  rows_ = static_cast<int64_t>(rows);
  null_rows_ = static_cast<int64_t>(rows - valid_rows);
  values_.count = slots;
  values_.nulls = slots - values;
  return Status::OK();
}

Status ColumnPage::LoadValues(const EncodedPage& page, std::span<const uint8_t> bytes, PageDecoder& decoder) {
  const auto count = static_cast<size_t>(values_.count - values_.nulls);
  const Encoding encoding = page.header->encoding;
  const bool from_dictionary = encoding == Encoding::kRleDictionary || encoding == Encoding::kPlainDictionary;
  if (from_dictionary && page.header->type != PageType::kDictionary) {
    TRY(LoadFromDictionary(page, bytes, count, decoder));
  } else if (page.shape->type == PhysicalType::kByteArray) {
    TRY(LoadBytes(page, bytes, count, decoder));
  } else {
    TRY(LoadFixed(page, bytes, count));
  }
  if (values_.nulls > 0) SpreadOverNulls(page.shape->type);
  return Status::OK();
}

Status ColumnPage::LoadFixed(const EncodedPage& page, std::span<const uint8_t> bytes, size_t count) {
  const PhysicalType type = page.shape->type;
  const Encoding encoding = page.header->encoding;
  if (type == PhysicalType::kBoolean) return LoadBooleans(encoding, bytes, count);
  const auto width = static_cast<size_t>(WidthOf(type));
  if (width == 0) return Error(ErrorKind::kInvalid, "a column's type is not read here: ", static_cast<int>(type));
  if (encoding == Encoding::kPlain || encoding == Encoding::kPlainDictionary) {
    if (bytes.size() < count * width) return Corrupt("a page's values reach beyond its end");
    TRY(CheckAllTaken(page, count * width, bytes.size()));
    values_.fixed = bytes.data();
    return Status::OK();
  }
  if (encoding != Encoding::kDeltaBinaryPacked && encoding != Encoding::kByteStreamSplit) {
    return UnknownEncoding(encoding);
  }
  fixed_.Resize(static_cast<size_t>(values_.count) * width);
  values_.fixed = fixed_.data();
  if (encoding == Encoding::kByteStreamSplit) return DecodeByteStreams(bytes, count, width, fixed_.data());
  const uint8_t* end = nullptr;
  if (type == PhysicalType::kInt32) end = DecodeDelta(bytes, count, reinterpret_cast<int32_t*>(fixed_.data()));
  if (type == PhysicalType::kInt64) end = DecodeDelta(bytes, count, reinterpret_cast<int64_t*>(fixed_.data()));
  if (end == nullptr) return Corrupt("a page's values are malformed");
  return Status::OK();
}

Status ColumnPage::LoadBooleans(Encoding encoding, std::span<const uint8_t> bytes, size_t count) {
  fixed_.Resize(static_cast<size_t>(values_.count));
  values_.fixed = fixed_.data();
  if (encoding == Encoding::kPlain) return DecodePlainBooleans(bytes, count, fixed_.data());
  if (encoding == Encoding::kRle) return DecodeRleBooleans(bytes, count, fixed_.data());
  return UnknownEncoding(encoding);
}

Status ColumnPage::LoadBytes(const EncodedPage& page, std::span<const uint8_t> bytes, size_t count,
                             PageDecoder& decoder) {
  values_.bytes = bytes.data();
  switch (page.header->encoding) {
    case Encoding::kPlain:
    case Encoding::kPlainDictionary:
      TRY(decoder.bytes.DecodePlain(bytes, count, views_));
      TRY(CheckAllTaken(page, count == 0 ? 0 : views_[count - 1].begin + views_[count - 1].size, bytes.size()));
      break;
    case Encoding::kDeltaLengthByteArray:
      TRY(decoder.bytes.DecodeDeltaLength(bytes, count, views_));
      break;
    case Encoding::kDeltaByteArray: {
      const auto text_bytes_max = static_cast<size_t>(page.bytes_max);
      TRY(decoder.bytes.DecodeSharedPrefixes(bytes, count, text_bytes_max, views_, text_));
      values_.bytes = text_.data();
      break;
    }
    default:
      return UnknownEncoding(page.header->encoding);
  }
  values_.views = views_.data();
  return Status::OK();
}

Status ColumnPage::LoadFromDictionary(const EncodedPage& page, std::span<const uint8_t> bytes, size_t count,
                                      PageDecoder& decoder) {
  if (page.dictionary == nullptr) return Corrupt("a page needs a dictionary that its column does not have");
  const FlatValues& dictionary = page.dictionary->values();
  decoder.indexes.Resize(count);
  if (count > 0) {
    constexpr int kWidthMax = 32;
    if (bytes.empty() || bytes[0] > kWidthMax) return Corrupt("a page's indexes into its dictionary are malformed");
    if (!DecodeRle(bytes.subspan(1), bytes[0], count, decoder.indexes.data())) {
      return Corrupt("a page's indexes into its dictionary are malformed");
    }
  }
  uint32_t most = 0;
  for (const uint32_t index : decoder.indexes.span()) most = std::max(most, index);
  if (count > 0 && most >= dictionary.count) return Corrupt("a page's values are not all in its dictionary");
  dictionary_ = page.dictionary;
  if (page.shape->type == PhysicalType::kByteArray) {
    views_.Resize(count);
    for (size_t i = 0; i < count; ++i) views_[i] = dictionary.views[decoder.indexes[i]];
    values_.views = views_.data();
    values_.bytes = dictionary.bytes;
    return Status::OK();
  }
  const auto width = static_cast<size_t>(WidthOf(page.shape->type));
  fixed_.Resize(static_cast<size_t>(values_.count) * width);
  values_.fixed = fixed_.data();
  switch (width) {
    case 1:
      Pick<uint8_t>(dictionary.fixed, decoder.indexes.span(), fixed_.data());
      return Status::OK();
    case 4:
      Pick<uint32_t>(dictionary.fixed, decoder.indexes.span(), fixed_.data());
      return Status::OK();
    default:
      Pick<uint64_t>(dictionary.fixed, decoder.indexes.span(), fixed_.data());
      return Status::OK();
  }
}

void ColumnPage::SpreadOverNulls(PhysicalType type) {
  const int64_t count = values_.count;
  const int64_t dense = count - values_.nulls;
  if (type == PhysicalType::kByteArray) {
    views_.Resize(static_cast<size_t>(count));
    // Masks instead of branches, which nulls at random places would have mispredicted: worth 1 % of a merge. For a
    // null, some view is read and masked out.
    auto next = static_cast<size_t>(dense);
    for (auto i = static_cast<size_t>(count); i-- > 0;) {
      const uint32_t is_valid = valid_[i];
      next -= is_valid;
      const ByteView view = views_[next];
      const uint32_t mask = uint32_t{0} - is_valid;
      views_[i] = {view.begin & mask, view.size & mask};
    }
    values_.views = views_.data();
    return;
  }
  const auto width = static_cast<size_t>(WidthOf(type));
  fixed_.Resize(static_cast<size_t>(count) * width);
  const uint8_t* const from = values_.fixed;
  switch (width) {
    case 1:
      Spread<uint8_t>(from, dense, valid_.data(), count, fixed_.data());
      break;
    case 4:
      Spread<uint32_t>(from, dense, valid_.data(), count, fixed_.data());
      break;
    default:
      Spread<uint64_t>(from, dense, valid_.data(), count, fixed_.data());
  }
  values_.fixed = fixed_.data();
}

}  // namespace sleeper::file
