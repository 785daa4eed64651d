#include "sleeper/file/testing/sealed_file.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "sleeper/base/buffer.h"
#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/file/bloom_filter.h"
#include "sleeper/file/crc32.h"
#include "sleeper/file/file_index.h"
#include "sleeper/file/page_header.h"
#include "sleeper/file/page_index.h"
#include "sleeper/file/parquet_metadata.h"
#include "sleeper/file/tail_check.h"
#include "sleeper/file/thrift_compact.h"

namespace sleeper::file {
namespace {

/// The length of the footer and the magic bytes.
constexpr size_t kEndBytes = 8;
constexpr std::string_view kTailItem = "sleeper.tail";
/// From the begin of its name on: the name, what stands between, the length, the colon and the checksum.
constexpr size_t kTailItemBytes = kTailItem.size() + 2 + 16 + 1 + 8;
/// The number of a page header's field that is the checksum.
constexpr int kChecksumField = 4;

/// Where a page header has the bytes of its checksum.
std::optional<ByteRange> ChecksumIn(std::span<const uint8_t> page) {
  std::optional<ByteRange> found;
  ThriftReader in(page);
  in.Struct([&](int field) {
    if (field != kChecksumField) return in.Skip();
    const size_t begin = page.size() - in.rest().size();
    static_cast<void>(in.Int32());
    found = ByteRange{static_cast<int64_t>(begin), static_cast<int64_t>(page.size() - in.rest().size() - begin)};
  });
  return in.ok() ? found : std::nullopt;
}

/// A file on its way to fit again.
class Seal {
 public:
  explicit Seal(std::string_view bytes) : bytes_(bytes) {}

  std::string Take() && {
    const Result<int64_t> tail_bytes = TailBytesOf(Buffer::CopyOf(bytes_), static_cast<int64_t>(bytes_.size()));
    if (!tail_bytes.ok()) return std::move(bytes_);
    const auto tail = bytes_.size() - static_cast<size_t>(*tail_bytes);
    const Result<ParquetMetadata> footer = ParseParquetMetadata(FooterBytes());
    if (footer.ok()) {
      for (const RowGroupMetadata& row_group : footer->row_groups) SealRowGroup(row_group);
      for (const auto& [name, value] : footer->key_values) {
        if (name == "sleeper.row-groups") PutItem(tail, value, RowGroupsItem(value));
        if (name == "sleeper.bloom-filters") PutItem(tail, value, BloomItem(*footer));
      }
    }
    PutTail(tail);
    return std::move(bytes_);
  }

 private:
  std::span<const uint8_t> SpanOf(const ByteRange& range) const {
    const auto size = static_cast<int64_t>(bytes_.size());
    if (range.offset < 0 || range.size < 0 || range.offset > size || range.size > size - range.offset) return {};
    return {reinterpret_cast<const uint8_t*>(bytes_.data()) + range.offset, static_cast<size_t>(range.size)};
  }

  /// REQUIRES: the file ends as one does.
  std::span<const uint8_t> FooterBytes() const {
    const auto size = static_cast<int64_t>(bytes_.size());
    int64_t length = 0;
    for (size_t i = 4; i > 0; --i)
      length = length * 256 + static_cast<uint8_t>(bytes_[bytes_.size() - kEndBytes + i - 1]);
    return SpanOf({size - static_cast<int64_t>(kEndBytes) - length, length});
  }

  void SealRowGroup(const RowGroupMetadata& row_group) {
    uint32_t headers = 0;
    for (const ColumnChunkMetadata& chunk : row_group.columns) {
      const Result<OffsetIndex> pages = ParseOffsetIndex(SpanOf(chunk.offset_index));
      if (!pages.ok()) continue;
      if (chunk.dictionary_page_offset != 0) {
        headers = SealPage(headers, {chunk.dictionary_page_offset,
                                     std::max<int64_t>(0, chunk.data_page_offset - chunk.dictionary_page_offset)});
      }
      for (const PageLocation& page : *pages) headers = SealPage(headers, {page.offset, page.bytes});
    }
    headers_.push_back(headers);
  }

  /// Goes on with the checksum of headers.
  uint32_t SealPage(uint32_t headers, const ByteRange& range) {
    const std::span<const uint8_t> page = SpanOf(range);
    const Result<ParsedPageHeader> parsed = ParsePageHeader(page);
    if (!parsed.ok()) return headers;
    const auto header_bytes = static_cast<size_t>(parsed->bytes);
    if (const std::optional<ByteRange> place = ChecksumIn(page)) {
      PutVarint({range.offset + place->offset, place->size}, Crc32(0, page.subspan(header_bytes)));
    }
    return Crc32(headers, page.first(header_bytes));
  }

  /// Puts a number in place of another one, with as many bytes. If it needs more, it is not put there, so that nothing
  /// has to move: of the pages of a file, one in sixteen has a checksum that is as short as that.
  void PutVarint(const ByteRange& place, uint32_t number) {
    const auto value = static_cast<int32_t>(number);
    uint64_t rest = (static_cast<uint32_t>(value) << 1) ^ static_cast<uint32_t>(value >> 31);
    if (7 * place.size < 64 && (rest >> (7 * place.size)) != 0) return;
    for (int64_t i = 0; i < place.size; ++i, rest >>= 7) {
      const uint64_t more = i + 1 < place.size ? 0x80 : 0;
      bytes_[static_cast<size_t>(place.offset + i)] = static_cast<char>((rest & 0x7F) | more);
    }
  }

  /// The item with the checksums of the headers of each row group's pages.
  std::string RowGroupsItem(std::string item) const {
    constexpr size_t kDigits = 8;
    size_t begin = 0;
    for (const uint32_t headers : headers_) {
      const size_t end = std::min(item.find(' ', begin), item.size());
      const bool has_checksum =
          std::count(item.begin() + static_cast<int64_t>(begin), item.begin() + static_cast<int64_t>(end), ',') == 3 &&
          item.rfind(',', end) + 1 + kDigits == end;
      if (has_checksum) item.replace(end - kDigits, kDigits, fmt::format("{:08x}", headers));
      if (end == item.size()) break;
      begin = end + 1;
    }
    return item;
  }

  std::string BloomItem(const ParquetMetadata& footer) const {
    std::string item;
    for (const RowGroupMetadata& row_group : footer.row_groups) {
      if (!item.empty()) item += ' ';
      for (const ColumnChunkMetadata& chunk : row_group.columns) {
        if (chunk.bloom_filter.size < kBloomBytesMin || chunk.bloom_filter.size >= 2 * kBloomBytesMax) continue;
        if (!item.empty() && item.back() != ' ') item += ',';
        for (const uint32_t checksum : SectorChecksumsOf(SpanOf(BloomBitsIn(chunk.bloom_filter)))) {
          item += fmt::format("{:08x}", checksum);
        }
      }
    }
    return item;
  }

  /// Puts the new value of an item in the place of its old one, if it has as many bytes.
  void PutItem(size_t tail, const std::string& before, const std::string& now) {
    const size_t at = bytes_.find(before, tail);
    if (at != std::string::npos && now.size() == before.size()) bytes_.replace(at, now.size(), now);
  }

  void PutTail(size_t tail) {
    const size_t item = bytes_.rfind(kTailItem);
    if (item == std::string::npos || item < tail || item + kTailItemBytes > bytes_.size()) return;
    std::string sealed = bytes_.substr(tail);
    SealTail(sealed, 0, 0);
    bytes_.replace(tail, sealed.size(), sealed);
  }

  std::string bytes_;
  /// Of the row groups so far.
  std::vector<uint32_t> headers_;
};

}  // namespace

std::string SealDataFile(std::string_view bytes) { return Seal(bytes).Take(); }

const std::vector<SeedFile>& SeedFiles() {
  using model::CompressionCodec;
  using model::FieldEncoding;
  static const std::vector<SeedFile> files = [] {
    DataFileSettings plain{.row_group_rows_max = 12, .page_rows_max = 5, .codec = CompressionCodec::kUncompressed};
    plain.value_column_indexes = true;
    const auto layout = columnar::LayoutOfAllTypes();
    for (const model::Field& field : layout->schema().fields()) {
      plain.bloom_filter_fields.push_back(field.name);
    }
    DataFileSettings dictionary{.row_group_rows_max = 12, .page_rows_max = 5, .codec = CompressionCodec::kUncompressed};
    for (FieldEncoding* encoding :
         {&dictionary.row_key_encoding, &dictionary.sort_key_encoding, &dictionary.value_encoding}) {
      *encoding = FieldEncoding::kDictionary;
    }
    const DataFileSettings compressed{.row_group_rows_max = 12, .page_rows_max = 5};
    return std::vector<SeedFile>{
        {"filters_and_indexes.parquet", plain}, {"dictionaries.parquet", dictionary}, {"zstd.parquet", compressed}};
  }();
  return files;
}

columnar::Batch SeedRows() {
  SeededRandom random(1);
  const columnar::Batch unsorted = columnar::RandomBatch(columnar::LayoutOfAllTypes(), 20, random);
  return columnar::SortedCopy({&unsorted, 1});
}

}  // namespace sleeper::file
