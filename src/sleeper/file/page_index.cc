#include "sleeper/file/page_index.h"

namespace sleeper::file {
namespace {

PageLocation ReadPageLocation(ThriftReader& in) {
  PageLocation location;
  in.Struct([&](int field) {
    switch (field) {
      case 1:
        location.offset = in.Int64();
        return;
      case 2:
        location.bytes = in.Int32();
        return;
      case 3:
        location.first_row = in.Int64();
        return;
      default:
        in.Skip();
    }
  });
  return location;
}

}  // namespace

void WriteOffsetIndex(const OffsetIndex& index, ThriftWriter& out) {
  out.StructElement([&] {
    out.List(1, ThriftType::kStruct, index.size());
    for (const PageLocation& location : index) {
      out.StructElement([&] {
        out.Int64(1, location.offset);
        out.Int32(2, location.bytes);
        out.Int64(3, location.first_row);
      });
    }
  });
}

void WriteColumnIndex(const ColumnIndex& index, ThriftWriter& out) {
  out.StructElement([&] {
    out.List(1, ThriftType::kTrue, index.null_pages.size());
    for (const bool null_page : index.null_pages) out.BoolElement(null_page);
    out.List(2, ThriftType::kBinary, index.min_values.size());
    for (const std::string& value : index.min_values) out.BinaryElement(value);
    out.List(3, ThriftType::kBinary, index.max_values.size());
    for (const std::string& value : index.max_values) out.BinaryElement(value);
    out.Int32(4, static_cast<int32_t>(index.order));
    if (!index.null_counts.empty()) {
      out.List(5, ThriftType::kInt64, index.null_counts.size());
      for (const int64_t count : index.null_counts) out.Int64Element(count);
    }
  });
}

Result<OffsetIndex> ParseOffsetIndex(std::span<const uint8_t> bytes) {
  OffsetIndex index;
  ThriftReader in(bytes);
  in.Struct([&](int field) {
    if (field == 1) {
      in.List([&] { index.push_back(ReadPageLocation(in)); });
    } else {
      in.Skip();
    }
  });
  if (!in.ok()) return Error(ErrorKind::kCorrupt, "an offset index is not one");
  return index;
}

Result<ColumnIndex> ParseColumnIndex(std::span<const uint8_t> bytes) {
  ColumnIndex index;
  ThriftReader in(bytes);
  in.Struct([&](int field) {
    switch (field) {
      case 1:
        return in.List([&] { index.null_pages.push_back(in.Bool()); });
      case 2:
        return in.List([&] { index.min_values.emplace_back(in.Binary()); });
      case 3:
        return in.List([&] { index.max_values.emplace_back(in.Binary()); });
      case 4:
        index.order = static_cast<BoundaryOrder>(in.Int32());
        return;
      case 5:
        return in.List([&] { index.null_counts.push_back(in.Int64()); });
      default:
        in.Skip();
    }
  });
  if (!in.ok()) return Error(ErrorKind::kCorrupt, "a column index is not one");
  const size_t pages = index.null_pages.size();
  if (index.min_values.size() != pages || index.max_values.size() != pages ||
      (!index.null_counts.empty() && index.null_counts.size() != pages)) {
    return Error(ErrorKind::kCorrupt, "the lists of a column index differ in length");
  }
  return index;
}

}  // namespace sleeper::file
