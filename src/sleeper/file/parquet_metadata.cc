#include "sleeper/file/parquet_metadata.h"

namespace sleeper::file {
namespace {

constexpr int32_t kVersion = 2;

// Numbers of the union LogicalType.
constexpr int kStringField = 1;
constexpr int kMapField = 2;
constexpr int kListField = 3;
constexpr int kDateField = 6;
constexpr int kTimestampField = 8;
constexpr int kMicrosField = 2;

/// How older readers know the type.
std::optional<int32_t> ConvertedType(LogicalType logical) {
  switch (logical) {
    case LogicalType::kString:
      return 0;
    case LogicalType::kMap:
      return 1;
    case LogicalType::kList:
      return 3;
    case LogicalType::kDate:
      return 6;
    case LogicalType::kTimestampMicrosUtc:
      return 10;
    case LogicalType::kNone:
    case LogicalType::kOther:
      break;
  }
  return std::nullopt;
}

void WriteLogicalType(LogicalType logical, ThriftWriter& out) {
  const auto nothing = [] {};
  switch (logical) {
    case LogicalType::kString:
      return out.Struct(kStringField, nothing);
    case LogicalType::kMap:
      return out.Struct(kMapField, nothing);
    case LogicalType::kList:
      return out.Struct(kListField, nothing);
    case LogicalType::kDate:
      return out.Struct(kDateField, nothing);
    case LogicalType::kTimestampMicrosUtc:
      return out.Struct(kTimestampField, [&] {
        out.Bool(1, true);
        out.Struct(2, [&] { out.Struct(kMicrosField, nothing); });
      });
    case LogicalType::kNone:
    case LogicalType::kOther:
      break;
  }
}

void WriteSchemaElement(const SchemaElement& element, ThriftWriter& out) {
  out.StructElement([&] {
    if (element.type) out.Int32(1, static_cast<int32_t>(*element.type));
    if (element.repetition) out.Int32(3, static_cast<int32_t>(*element.repetition));
    out.Binary(4, element.name);
    if (!element.type) out.Int32(5, element.children);
    if (const auto converted = ConvertedType(element.logical)) {
      out.Int32(6, *converted);
      out.Struct(10, [&] { WriteLogicalType(element.logical, out); });
    }
  });
}

void WriteStatistics(const ChunkStatistics& statistics, ThriftWriter& out) {
  out.Int64(3, statistics.nulls);
  if (statistics.max) out.Binary(5, *statistics.max);
  if (statistics.min) out.Binary(6, *statistics.min);
  if (statistics.max) out.Bool(7, statistics.is_max_exact);
  if (statistics.min) out.Bool(8, statistics.is_min_exact);
}

void WriteColumnMetadata(const ColumnChunkMetadata& column, ThriftWriter& out) {
  out.Int32(1, static_cast<int32_t>(column.type));
  out.List(2, ThriftType::kInt32, column.encodings.size());
  for (const Encoding encoding : column.encodings) out.Int32Element(static_cast<int32_t>(encoding));
  out.List(3, ThriftType::kBinary, column.path.size());
  for (const std::string& name : column.path) out.BinaryElement(name);
  out.Int32(4, static_cast<int32_t>(column.codec));
  out.Int64(5, column.values);
  out.Int64(6, column.uncompressed_bytes);
  out.Int64(7, column.compressed_bytes);
  out.Int64(9, column.data_page_offset);
  if (column.dictionary_page_offset != 0) out.Int64(11, column.dictionary_page_offset);
  if (column.statistics) out.Struct(12, [&] { WriteStatistics(*column.statistics, out); });
  if (column.bloom_filter.size > 0) {
    out.Int64(14, column.bloom_filter.offset);
    out.Int32(15, static_cast<int32_t>(column.bloom_filter.size));
  }
}

void WriteColumnChunk(const ColumnChunkMetadata& column, ThriftWriter& out) {
  out.StructElement([&] {
    // Where a copy of this part stands in front of the footer: nowhere.
    out.Int64(2, 0);
    out.Struct(3, [&] { WriteColumnMetadata(column, out); });
    if (column.offset_index.size > 0) {
      out.Int64(4, column.offset_index.offset);
      out.Int32(5, static_cast<int32_t>(column.offset_index.size));
    }
    if (column.column_index.size > 0) {
      out.Int64(6, column.column_index.offset);
      out.Int32(7, static_cast<int32_t>(column.column_index.size));
    }
  });
}

void WriteRowGroup(const RowGroupMetadata& row_group, size_t ordinal, ThriftWriter& out) {
  int64_t uncompressed_bytes = 0;
  int64_t compressed_bytes = 0;
  for (const ColumnChunkMetadata& column : row_group.columns) {
    uncompressed_bytes += column.uncompressed_bytes;
    compressed_bytes += column.compressed_bytes;
  }
  out.StructElement([&] {
    out.List(1, ThriftType::kStruct, row_group.columns.size());
    for (const ColumnChunkMetadata& column : row_group.columns) WriteColumnChunk(column, out);
    out.Int64(2, uncompressed_bytes);
    out.Int64(3, row_group.rows);
    out.List(4, ThriftType::kStruct, row_group.sorting_columns.size());
    for (const int32_t column : row_group.sorting_columns) {
      out.StructElement([&] {
        out.Int32(1, column);
        out.Bool(2, false);
        out.Bool(3, false);
      });
    }
    const ColumnChunkMetadata& first = row_group.columns.front();
    out.Int64(5, first.dictionary_page_offset != 0 ? first.dictionary_page_offset : first.data_page_offset);
    out.Int64(6, compressed_bytes);
    // A number of 16 bits, which readers can do without.
    if (ordinal <= INT16_MAX) out.Int16(7, static_cast<int16_t>(ordinal));
  });
}

LogicalType ReadLogicalType(ThriftReader& in) {
  LogicalType logical = LogicalType::kOther;
  in.Struct([&](int field) {
    switch (field) {
      case kStringField:
        logical = LogicalType::kString;
        return in.Skip();
      case kMapField:
        logical = LogicalType::kMap;
        return in.Skip();
      case kListField:
        logical = LogicalType::kList;
        return in.Skip();
      case kDateField:
        logical = LogicalType::kDate;
        return in.Skip();
      case kTimestampField: {
        bool utc = false;
        int unit = 0;
        in.Struct([&](int part) {
          if (part == 1) {
            utc = in.Bool();
          } else if (part == 2) {
            in.Struct([&](int unit_field) {
              unit = unit_field;
              in.Skip();
            });
          } else {
            in.Skip();
          }
        });
        if (utc && unit == kMicrosField) logical = LogicalType::kTimestampMicrosUtc;
        return;
      }
      default:
        in.Skip();
    }
  });
  return logical;
}

SchemaElement ReadSchemaElement(ThriftReader& in) {
  SchemaElement element;
  in.Struct([&](int field) {
    switch (field) {
      case 1:
        element.type = static_cast<PhysicalType>(in.Int32());
        return;
      case 3:
        element.repetition = static_cast<Repetition>(in.Int32());
        return;
      case 4:
        element.name = in.Binary();
        return;
      case 5:
        element.children = in.Int32();
        return;
      case 10:
        element.logical = ReadLogicalType(in);
        return;
      default:
        in.Skip();
    }
  });
  return element;
}

ChunkStatistics ReadStatistics(ThriftReader& in) {
  ChunkStatistics statistics;
  in.Struct([&](int field) {
    switch (field) {
      case 3:
        statistics.nulls = in.Int64();
        return;
      case 5:
        statistics.max = in.Binary();
        return;
      case 6:
        statistics.min = in.Binary();
        return;
      case 7:
        statistics.is_max_exact = in.Bool();
        return;
      case 8:
        statistics.is_min_exact = in.Bool();
        return;
      default:
        in.Skip();
    }
  });
  return statistics;
}

void ReadColumnMetadata(ThriftReader& in, ColumnChunkMetadata& column) {
  in.Struct([&](int field) {
    switch (field) {
      case 1:
        column.type = static_cast<PhysicalType>(in.Int32());
        return;
      case 2:
        return in.List([&] { column.encodings.push_back(static_cast<Encoding>(in.Int32())); });
      case 3:
        return in.List([&] { column.path.emplace_back(in.Binary()); });
      case 4:
        column.codec = static_cast<Codec>(in.Int32());
        return;
      case 5:
        column.values = in.Int64();
        return;
      case 6:
        column.uncompressed_bytes = in.Int64();
        return;
      case 7:
        column.compressed_bytes = in.Int64();
        return;
      case 9:
        column.data_page_offset = in.Int64();
        return;
      case 11:
        column.dictionary_page_offset = in.Int64();
        return;
      case 12:
        column.statistics = ReadStatistics(in);
        return;
      case 14:
        column.bloom_filter.offset = in.Int64();
        return;
      case 15:
        column.bloom_filter.size = in.Int32();
        return;
      default:
        in.Skip();
    }
  });
}

ColumnChunkMetadata ReadColumnChunk(ThriftReader& in) {
  ColumnChunkMetadata column;
  in.Struct([&](int field) {
    switch (field) {
      case 3:
        return ReadColumnMetadata(in, column);
      case 4:
        column.offset_index.offset = in.Int64();
        return;
      case 5:
        column.offset_index.size = in.Int32();
        return;
      case 6:
        column.column_index.offset = in.Int64();
        return;
      case 7:
        column.column_index.size = in.Int32();
        return;
      default:
        in.Skip();
    }
  });
  return column;
}

RowGroupMetadata ReadRowGroup(ThriftReader& in) {
  RowGroupMetadata row_group;
  in.Struct([&](int field) {
    switch (field) {
      case 1:
        return in.List([&] { row_group.columns.push_back(ReadColumnChunk(in)); });
      case 3:
        row_group.rows = in.Int64();
        return;
      case 4:
        return in.List([&] {
          in.Struct([&](int part) {
            if (part == 1) {
              row_group.sorting_columns.push_back(in.Int32());
            } else {
              in.Skip();
            }
          });
        });
      default:
        in.Skip();
    }
  });
  return row_group;
}

std::pair<std::string, std::string> ReadKeyValue(ThriftReader& in) {
  std::pair<std::string, std::string> key_value;
  in.Struct([&](int field) {
    if (field == 1) {
      key_value.first = in.Binary();
    } else if (field == 2) {
      key_value.second = in.Binary();
    } else {
      in.Skip();
    }
  });
  return key_value;
}

}  // namespace

std::string EncodeParquetMetadata(const ParquetMetadata& metadata) {
  ThriftWriter out;
  size_t columns = 0;
  for (const SchemaElement& element : metadata.schema) columns += element.type ? 1 : 0;
  out.StructElement([&] {
    out.Int32(1, kVersion);
    out.List(2, ThriftType::kStruct, metadata.schema.size());
    for (const SchemaElement& element : metadata.schema) WriteSchemaElement(element, out);
    out.Int64(3, metadata.rows);
    out.List(4, ThriftType::kStruct, metadata.row_groups.size());
    for (size_t i = 0; i < metadata.row_groups.size(); ++i) WriteRowGroup(metadata.row_groups[i], i, out);
    out.List(5, ThriftType::kStruct, metadata.key_values.size());
    for (const auto& [key, value] : metadata.key_values) {
      out.StructElement([&] {
        out.Binary(1, key);
        out.Binary(2, value);
      });
    }
    out.Binary(6, "sleeper");
    // Every column is ordered as its type says; without this, readers believe no bound.
    out.List(7, ThriftType::kStruct, columns);
    for (size_t i = 0; i < columns; ++i) {
      out.StructElement([&] { out.Struct(1, [] {}); });
    }
  });
  return out.bytes();
}

Result<ParquetMetadata> ParseParquetMetadata(std::span<const uint8_t> bytes) {
  ParquetMetadata metadata;
  ThriftReader in(bytes);
  in.Struct([&](int field) {
    switch (field) {
      case 2:
        return in.List([&] { metadata.schema.push_back(ReadSchemaElement(in)); });
      case 3:
        metadata.rows = in.Int64();
        return;
      case 4:
        return in.List([&] { metadata.row_groups.push_back(ReadRowGroup(in)); });
      case 5:
        return in.List([&] { metadata.key_values.push_back(ReadKeyValue(in)); });
      default:
        in.Skip();
    }
  });
  if (!in.ok()) return Error(ErrorKind::kCorrupt, "the footer is not one");
  return metadata;
}

}  // namespace sleeper::file
