#include "sleeper/exchange/flat_column.h"

#include <algorithm>
#include <utility>

#include <arrow/type.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>
#include <parquet/types.h>

#include "sleeper/file/page_compression.h"

namespace sleeper::exchange {
namespace {

using file::PhysicalType;

/// What an array of some type is decoded as.
struct Decoding {
  PhysicalType physical;
  std::shared_ptr<arrow::DataType> type;
  int narrow_bits = 0;
  bool is_signed = true;
};

std::optional<Decoding> DecodingOf(const std::shared_ptr<arrow::DataType>& type) {
  switch (type->id()) {
    case arrow::Type::BOOL:
      return Decoding{PhysicalType::kBoolean, type};
    case arrow::Type::INT8:
      return Decoding{PhysicalType::kInt32, arrow::int32(), 8};
    case arrow::Type::INT16:
      return Decoding{PhysicalType::kInt32, arrow::int32(), 16};
    case arrow::Type::UINT8:
      return Decoding{PhysicalType::kInt32, arrow::int32(), 8, false};
    case arrow::Type::UINT16:
      return Decoding{PhysicalType::kInt32, arrow::int32(), 16, false};
    case arrow::Type::INT32:
    case arrow::Type::UINT32:
    case arrow::Type::DATE32:
      return Decoding{PhysicalType::kInt32, type};
    case arrow::Type::INT64:
    case arrow::Type::UINT64:
    case arrow::Type::TIMESTAMP:
      return Decoding{PhysicalType::kInt64, type};
    case arrow::Type::FLOAT:
      return Decoding{PhysicalType::kFloat, type};
    case arrow::Type::DOUBLE:
      return Decoding{PhysicalType::kDouble, type};
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return Decoding{PhysicalType::kByteArray, arrow::utf8()};
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
      return Decoding{PhysicalType::kByteArray, arrow::binary()};
    case arrow::Type::DICTIONARY:
      return DecodingOf(static_cast<const arrow::DictionaryType&>(*type).value_type());
    default:
      return std::nullopt;
  }
}

bool IsKnownEncoding(parquet::Encoding::type encoding) {
  switch (encoding) {
    case parquet::Encoding::PLAIN:
    case parquet::Encoding::PLAIN_DICTIONARY:
    case parquet::Encoding::RLE_DICTIONARY:
    case parquet::Encoding::RLE:
    case parquet::Encoding::DELTA_BINARY_PACKED:
    case parquet::Encoding::DELTA_LENGTH_BYTE_ARRAY:
    case parquet::Encoding::DELTA_BYTE_ARRAY:
    case parquet::Encoding::BYTE_STREAM_SPLIT:
      return true;
    case parquet::Encoding::BIT_PACKED:
      // Old writers name it as the encoding of levels that columns do not have.
      return true;
    default:
      return false;
  }
}

std::optional<file::Codec> CodecOf(parquet::Compression::type compression) {
  switch (compression) {
    case parquet::Compression::UNCOMPRESSED:
      return file::Codec::kNone;
    case parquet::Compression::SNAPPY:
      return file::Codec::kSnappy;
    case parquet::Compression::GZIP:
      return file::Codec::kGzip;
    case parquet::Compression::ZSTD:
      return file::Codec::kZstd;
    case parquet::Compression::LZ4:
      return file::Codec::kLz4;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<FlatColumn> FlatColumnOf(const parquet::ColumnDescriptor& leaf, const arrow::Field& field) {
  if (leaf.max_repetition_level() != 0 || leaf.max_definition_level() > 1 || leaf.path()->ToDotVector().size() != 1) {
    return std::nullopt;
  }
  const auto decoding = DecodingOf(field.type());
  if (!decoding || static_cast<int>(decoding->physical) != static_cast<int>(leaf.physical_type())) return std::nullopt;
  return FlatColumn{.name = field.name(),
                    .shape = {.type = decoding->physical, .max_definition = leaf.max_definition_level()},
                    .type = decoding->type,
                    .narrow_bits = decoding->narrow_bits,
                    .is_signed = decoding->is_signed};
}

std::optional<FlatChunk> FlatChunkOf(const parquet::ColumnChunkMetaData& chunk, int64_t file_bytes) {
  const auto codec = CodecOf(chunk.compression());
  if (!codec || chunk.crypto_metadata() != nullptr || !chunk.file_path().empty()) return std::nullopt;
  if (!std::all_of(chunk.encodings().begin(), chunk.encodings().end(), IsKnownEncoding)) return std::nullopt;
  int64_t begin = chunk.data_page_offset();
  if (chunk.has_dictionary_page() && chunk.dictionary_page_offset() > 0) {
    begin = std::min(begin, chunk.dictionary_page_offset());
  }
  const int64_t size = chunk.total_compressed_size();
  if (begin < 0 || begin > file_bytes || size < 0 || size > file_bytes - begin) return std::nullopt;
  return FlatChunk{.bytes = {begin, size}, .codec = *codec};
}

}  // namespace sleeper::exchange
