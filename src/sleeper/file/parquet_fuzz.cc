// The input is one of the structures of a Parquet file, without a checksum in front of the decoder: its first byte says
// which, the second one the compression of a page, or that it is a Bloom filter after all. What is read is written, and
// must be read again as the same.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/file/bloom_filter.h"
#include "sleeper/file/column_page.h"
#include "sleeper/file/page_header.h"
#include "sleeper/file/page_index.h"
#include "sleeper/file/parquet_metadata.h"
#include "sleeper/file/thrift_compact.h"

namespace sleeper::file {
namespace {

/// What a page may fill: little, so that many can be tried.
constexpr int64_t kBytesMax = 1 << 20;

/// An input says which one by its number: new ones come last.
const std::vector<LeafShape>& Shapes() {
  static const std::vector<LeafShape> shapes = [] {
    constexpr PhysicalType kTypes[] = {PhysicalType::kBoolean, PhysicalType::kInt32,     PhysicalType::kInt64,
                                       PhysicalType::kDouble,  PhysicalType::kByteArray, PhysicalType::kFloat};
    std::vector<LeafShape> all;
    for (const PhysicalType type : kTypes) {
      all.push_back({.type = type, .max_definition = 1});
      all.push_back({.type = type, .repeated = true, .max_definition = 3, .empty_level = 1});
      all.push_back({.type = type, .repeated = true, .max_definition = 1});
    }
    for (const PhysicalType type : kTypes) {
      all.push_back({.type = type});
      all.push_back({.type = type, .repeated = true, .max_definition = 2, .empty_level = 1});
      all.push_back({.type = type, .repeated = true, .max_definition = 2});
    }
    return all;
  }();
  return shapes;
}

std::span<const uint8_t> SpanOf(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

// What is written of what was read: a writer leaves out what says nothing.

ColumnChunkMetadata AsWritten(ColumnChunkMetadata chunk) {
  for (ByteRange* range : {&chunk.offset_index, &chunk.column_index, &chunk.bloom_filter}) {
    if (range->size <= 0) *range = {};
  }
  if (chunk.statistics && !chunk.statistics->min) chunk.statistics->is_min_exact = true;
  if (chunk.statistics && !chunk.statistics->max) chunk.statistics->is_max_exact = true;
  return chunk;
}

ParquetMetadata AsWritten(ParquetMetadata footer) {
  for (SchemaElement& element : footer.schema) {
    if (element.type) element.children = 0;
    if (element.logical == LogicalType::kOther) element.logical = LogicalType::kNone;
  }
  for (RowGroupMetadata& row_group : footer.row_groups) {
    for (ColumnChunkMetadata& chunk : row_group.columns) chunk = AsWritten(std::move(chunk));
  }
  return footer;
}

PageHeader AsWritten(const PageHeader& header) {
  PageHeader written{.type = header.type,
                     .compressed_bytes = header.compressed_bytes,
                     .uncompressed_bytes = header.uncompressed_bytes,
                     .crc = header.crc,
                     .values = header.values,
                     .encoding = header.encoding};
  if (header.type == PageType::kDictionary) return written;
  written.nulls = header.nulls;
  written.rows = header.rows;
  written.definition_bytes = header.definition_bytes;
  written.repetition_bytes = header.repetition_bytes;
  written.is_compressed = header.is_compressed;
  return written;
}

// What is read is the same once it was written.

/// Whether sizes can be added up, as those of a data file can, and row groups have columns.
bool CanBeWritten(const RowGroupMetadata& row_group) {
  constexpr int64_t kSizeMax = int64_t{1} << 40;
  return !row_group.columns.empty() && std::ranges::all_of(row_group.columns, [](const ColumnChunkMetadata& chunk) {
    return chunk.compressed_bytes >= 0 && chunk.compressed_bytes <= kSizeMax && chunk.uncompressed_bytes >= 0 &&
           chunk.uncompressed_bytes <= kSizeMax;
  });
}

void ReadFooter(std::span<const uint8_t> bytes) {
  const auto footer = ParseParquetMetadata(bytes);
  if (!footer.ok() || !std::ranges::all_of(footer->row_groups, CanBeWritten)) return;
  const std::string written = EncodeParquetMetadata(*footer);
  const auto again = ParseParquetMetadata(SpanOf(written));
  SLEEPER_CHECK(again.ok() && *again == AsWritten(*footer), "another footer is read than was written");
}

void ReadColumnIndex(std::span<const uint8_t> bytes) {
  const auto index = ParseColumnIndex(bytes);
  if (!index.ok()) return;
  ThriftWriter written;
  WriteColumnIndex(*index, written);
  const auto again = ParseColumnIndex(SpanOf(written.bytes()));
  SLEEPER_CHECK(again.ok() && *again == *index, "another column index is read than was written");
}

void ReadOffsetIndex(std::span<const uint8_t> bytes) {
  const auto index = ParseOffsetIndex(bytes);
  if (!index.ok()) return;
  ThriftWriter written;
  WriteOffsetIndex(*index, written);
  const auto again = ParseOffsetIndex(SpanOf(written.bytes()));
  SLEEPER_CHECK(again.ok() && *again == *index, "another offset index is read than was written");
}

void WriteAndRead(const PageHeader& header) {
  if (header.type != PageType::kDictionary && header.type != PageType::kDataV2) return;
  ThriftWriter written;
  WritePageHeader(header, written);
  const auto again = ParsePageHeader(SpanOf(written.bytes()));
  SLEEPER_CHECK(
      again.ok() && again->header == AsWritten(header) && again->bytes == static_cast<int64_t>(written.bytes().size()),
      "another page header is read than was written");
}

void ReadBloomFilter(std::span<const uint8_t> bytes) {
  if (!CheckBloomFilter(bytes).ok()) return;
  const ByteRange bits = BloomBitsIn({0, static_cast<int64_t>(bytes.size())});
  const std::span<const uint8_t> filter = bytes.subspan(static_cast<size_t>(bits.offset));
  std::string written = BloomHeaderOf(bits.size);
  written.append(reinterpret_cast<const char*>(filter.data()), filter.size());
  const auto proved = ProvedBloomBits(SpanOf(written), SectorChecksumsOf(filter));
  SLEEPER_CHECK(proved.ok() && std::ranges::equal(*proved, filter), "another Bloom filter is read than was written");
}

/// Every value of a loaded page must lie inside: read them all.
uint64_t SumOf(const ColumnPage& page, const LeafShape& shape) {
  const FlatValues& values = page.values();
  uint64_t sum = 0;
  for (int64_t i = 0; i < values.count; ++i) {
    if (values.valid != nullptr) sum += values.valid[i];
    if (values.views != nullptr) {
      for (uint32_t k = 0; k < values.views[i].size; ++k) sum += values.bytes[values.views[i].begin + k];
    }
    for (int64_t k = 0; k < WidthOf(shape.type); ++k) sum += values.fixed[i * WidthOf(shape.type) + k];
  }
  if (shape.repeated) {
    for (int64_t row = 0; row < page.rows(); ++row) {
      SLEEPER_CHECK(page.row_offsets()[row] <= page.row_offsets()[row + 1], "a list of less than no elements");
    }
    SLEEPER_CHECK(page.row_offsets()[page.rows()] == values.count, "elements that belong to no list");
  }
  return sum;
}

void LoadPage(const LeafShape& shape, Codec codec, std::span<const uint8_t> bytes) {
  auto parsed = ParsePageHeader(bytes);
  if (!parsed.ok()) return;
  WriteAndRead(parsed->header);
  const std::span<const uint8_t> body = bytes.subspan(static_cast<size_t>(parsed->bytes));
  PageDecoder decoder;
  const auto page = std::make_shared<ColumnPage>();
  const LeafShape page_shape = parsed->header.type == PageType::kDictionary ? LeafShape{.type = shape.type} : shape;
  EncodedPage encoded{
      .shape = &page_shape, .codec = codec, .header = &parsed->header, .body = body, .bytes_max = kBytesMax};
  // What is behind the page is the one that follows it.
  if (static_cast<int64_t>(body.size()) > parsed->header.compressed_bytes) {
    encoded.body = body.first(static_cast<size_t>(parsed->header.compressed_bytes));
  }
  const Status status = page->Load(encoded, decoder);
  if (!status.ok()) {
    SLEEPER_CHECK(IsKind(status, ErrorKind::kCorrupt) || IsKind(status, ErrorKind::kInvalid), status.ToString());
    return;
  }
  static volatile uint64_t sink = 0;
  sink = sink + SumOf(*page, page_shape);
  if (parsed->header.type != PageType::kDictionary) return;
  const std::span<const uint8_t> next = body.subspan(encoded.body.size());
  parsed = ParsePageHeader(next);
  if (!parsed.ok()) return;
  ColumnPage data;
  const Status loaded = data.Load({.shape = &shape,
                                   .codec = codec,
                                   .header = &parsed->header,
                                   .body = next.subspan(static_cast<size_t>(parsed->bytes)),
                                   .dictionary = page,
                                   .bytes_max = kBytesMax},
                                  decoder);
  if (loaded.ok()) sink = sink + SumOf(data, shape);
}

}  // namespace
}  // namespace sleeper::file

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper::file;
  if (size < 2) return 0;
  // A copy of its own, so that a read beyond the end is seen.
  const std::vector<uint8_t> bytes(data + 2, data + size);
  if (data[1] == 0xFF) {
    ReadBloomFilter(bytes);
    return 0;
  }
  switch (data[0] % 4) {
    case 0:
      ReadFooter(bytes);
      return 0;
    case 1:
      ReadColumnIndex(bytes);
      return 0;
    case 2:
      ReadOffsetIndex(bytes);
      return 0;
    default:
      LoadPage(Shapes()[data[0] / 4 % Shapes().size()], static_cast<Codec>(data[1] % 8), bytes);
      return 0;
  }
}
