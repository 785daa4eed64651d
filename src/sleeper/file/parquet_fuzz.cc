// The input is one of the structures of a Parquet file, without a checksum in front of the decoder: its first byte says
// which, the second one the compression of a page, or that it is a Bloom filter after all.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/file/bloom_filter.h"
#include "sleeper/file/column_page.h"
#include "sleeper/file/page_index.h"
#include "sleeper/file/parquet_metadata.h"

namespace sleeper::file {
namespace {

/// What a page may fill: little, so that many can be tried.
constexpr int64_t kBytesMax = 1 << 20;

const std::vector<LeafShape>& Shapes() {
  static const std::vector<LeafShape> shapes = [] {
    std::vector<LeafShape> all;
    for (const PhysicalType type : {PhysicalType::kBoolean, PhysicalType::kInt32, PhysicalType::kInt64,
                                    PhysicalType::kDouble, PhysicalType::kByteArray}) {
      all.push_back({.type = type, .max_definition = 1});
      all.push_back({.type = type, .repeated = true, .max_definition = 3, .empty_level = 1});
      all.push_back({.type = type, .repeated = true, .max_definition = 1});
    }
    return all;
  }();
  return shapes;
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
    static_cast<void>(CheckBloomFilter(bytes));
    return 0;
  }
  switch (data[0] % 4) {
    case 0:
      static_cast<void>(ParseParquetMetadata(bytes));
      return 0;
    case 1:
      static_cast<void>(ParseColumnIndex(bytes));
      return 0;
    case 2:
      static_cast<void>(ParseOffsetIndex(bytes));
      return 0;
    default:
      LoadPage(Shapes()[data[0] / 4 % Shapes().size()], static_cast<Codec>(data[1] % 8), bytes);
      return 0;
  }
}
