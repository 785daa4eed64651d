#include "sleeper/file/page_header.h"

namespace sleeper::file {
namespace {

void ReadDataPage(ThriftReader& in, PageHeader& header) {
  in.Struct([&](int field) {
    switch (field) {
      case 1:
        header.values = in.Int32();
        return;
      case 2:
        header.encoding = static_cast<Encoding>(in.Int32());
        return;
      case 3:
        header.definition_encoding = static_cast<Encoding>(in.Int32());
        return;
      case 4:
        header.repetition_encoding = static_cast<Encoding>(in.Int32());
        return;
      default:
        in.Skip();
    }
  });
}

void ReadDictionaryPage(ThriftReader& in, PageHeader& header) {
  in.Struct([&](int field) {
    switch (field) {
      case 1:
        header.values = in.Int32();
        return;
      case 2:
        header.encoding = static_cast<Encoding>(in.Int32());
        return;
      default:
        in.Skip();
    }
  });
}

void ReadDataPageV2(ThriftReader& in, PageHeader& header) {
  in.Struct([&](int field) {
    switch (field) {
      case 1:
        header.values = in.Int32();
        return;
      case 2:
        header.nulls = in.Int32();
        return;
      case 3:
        header.rows = in.Int32();
        return;
      case 4:
        header.encoding = static_cast<Encoding>(in.Int32());
        return;
      case 5:
        header.definition_bytes = in.Int32();
        return;
      case 6:
        header.repetition_bytes = in.Int32();
        return;
      case 7:
        header.is_compressed = in.Bool();
        return;
      default:
        in.Skip();
    }
  });
}

/// The part that a page of some type has, by its number in the header.
constexpr int PartOf(PageType type) {
  switch (type) {
    case PageType::kData:
      return 5;
    case PageType::kDictionary:
      return 7;
    case PageType::kDataV2:
      return 8;
    default:
      return 6;
  }
}

Status Check(const PageHeader& header, int part) {
  if (part != PartOf(header.type)) return Error(ErrorKind::kCorrupt, "a page header lacks the part of its type");
  if (header.compressed_bytes < 0 || header.uncompressed_bytes < 0 || header.values < 0) {
    return Error(ErrorKind::kCorrupt, "a page header has a negative size or count");
  }
  if (header.type != PageType::kDataV2) return Status::OK();
  const int64_t levels = int64_t{header.definition_bytes} + header.repetition_bytes;
  if (header.definition_bytes < 0 || header.repetition_bytes < 0 || levels > header.compressed_bytes ||
      levels > header.uncompressed_bytes) {
    return Error(ErrorKind::kCorrupt, "a page's levels do not fit into it: ", levels, " bytes");
  }
  if (header.nulls < 0 || header.nulls > header.values || header.rows < 0 || header.rows > header.values) {
    return Error(ErrorKind::kCorrupt, "a page's counts contradict each other: ", header.values, " values, ",
                 header.nulls, " nulls, ", header.rows, " rows");
  }
  return Status::OK();
}

}  // namespace

void WritePageHeader(const PageHeader& header, ThriftWriter& out) {
  out.StructElement([&] {
    out.Int32(1, static_cast<int32_t>(header.type));
    out.Int32(2, header.uncompressed_bytes);
    out.Int32(3, header.compressed_bytes);
    if (header.crc) out.Int32(4, static_cast<int32_t>(*header.crc));
    if (header.type == PageType::kDictionary) {
      out.Struct(7, [&] {
        out.Int32(1, header.values);
        out.Int32(2, static_cast<int32_t>(header.encoding));
      });
      return;
    }
    SLEEPER_DCHECK(header.type == PageType::kDataV2, "a page of a type that is not written");
    out.Struct(8, [&] {
      out.Int32(1, header.values);
      out.Int32(2, header.nulls);
      out.Int32(3, header.rows);
      out.Int32(4, static_cast<int32_t>(header.encoding));
      out.Int32(5, header.definition_bytes);
      out.Int32(6, header.repetition_bytes);
      out.Bool(7, header.is_compressed);
    });
  });
}

Result<ParsedPageHeader> ParsePageHeader(std::span<const uint8_t> bytes) {
  ParsedPageHeader parsed;
  PageHeader& header = parsed.header;
  ThriftReader in(bytes);
  int part = 0;
  in.Struct([&](int field) {
    switch (field) {
      case 1:
        header.type = static_cast<PageType>(in.Int32());
        return;
      case 2:
        header.uncompressed_bytes = in.Int32();
        return;
      case 3:
        header.compressed_bytes = in.Int32();
        return;
      case 4:
        header.crc = static_cast<uint32_t>(in.Int32());
        return;
      case 5:
        part = field;
        return ReadDataPage(in, header);
      case 7:
        part = field;
        return ReadDictionaryPage(in, header);
      case 8:
        part = field;
        return ReadDataPageV2(in, header);
      default:
        in.Skip();
    }
  });
  if (!in.ok()) return Error(ErrorKind::kCorrupt, "a page header is not one");
  TRY(Check(header, part));
  parsed.bytes = static_cast<int64_t>(bytes.size() - in.rest().size());
  return parsed;
}

}  // namespace sleeper::file
