#include "sleeper/state/table_records.h"

#include <limits>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/state/byte_codec.h"

namespace sleeper::state {

namespace {

// Flags of a file.
constexpr uint8_t kWaived = 1;
constexpr uint8_t kConsumed = 2;

// Flags of a reference.
constexpr uint8_t kInexact = 1;
constexpr uint8_t kHasUpper = 2;
constexpr uint8_t kHasJob = 4;
constexpr uint8_t kHasAttempts = 8;

int64_t ReadCount(ByteReader& in) {
  const uint64_t value = in.Varint();
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) in.Fail("a number is out of bounds");
  return static_cast<int64_t>(value);
}

void WriteHash(ByteWriter& out, const model::RowHash& hash) {
  out.U64(hash.low);
  out.U64(hash.high);
}

model::RowHash ReadHash(ByteReader& in) {
  const uint64_t low = in.U64();
  const uint64_t high = in.U64();
  return {low, high};
}

/// A file's value, with bytes in place.
struct FileFields {
  uint8_t flags = 0;
  int64_t size_bytes = 0;
  int64_t tail_bytes = 0;
  int64_t rows = 0;
  model::RowHash row_hash;
  std::string_view max;
  int64_t references = 0;
  uint64_t unreferenced_since = 0;
  int64_t consumed_rows = 0;
  model::RowHash consumed_hash;
};

FileFields ReadFile(ByteReader& in) {
  FileFields file;
  file.flags = in.U8();
  if ((file.flags & ~(kWaived | kConsumed)) != 0) in.Fail("a file has unknown flags");
  file.size_bytes = ReadCount(in);
  file.tail_bytes = ReadCount(in);
  file.rows = ReadCount(in);
  file.row_hash = ReadHash(in);
  file.max = in.Bytes();
  file.references = ReadCount(in);
  if (file.references == 0) file.unreferenced_since = in.Varint();
  if ((file.flags & kConsumed) != 0) {
    file.consumed_rows = ReadCount(in);
    file.consumed_hash = ReadHash(in);
  }
  return file;
}

/// A reference's value, with bytes in place.
struct ReferenceFields {
  uint8_t flags = 0;
  int64_t rows = 0;
  std::string_view file_min;
  std::string_view upper;
  std::string_view job;
  uint32_t attempts = 0;
};

ReferenceFields ReadReference(ByteReader& in) {
  ReferenceFields reference;
  reference.flags = in.U8();
  if ((reference.flags & ~(kInexact | kHasUpper | kHasJob | kHasAttempts)) != 0) {
    in.Fail("a reference has unknown flags");
  }
  reference.rows = ReadCount(in);
  reference.file_min = in.Bytes();
  if ((reference.flags & kHasUpper) != 0) reference.upper = in.Bytes();
  if ((reference.flags & kHasJob) != 0) reference.job = in.Bytes();
  if ((reference.flags & kHasAttempts) != 0) reference.attempts = in.U32();
  return reference;
}

}  // namespace

std::string EncodeFileValue(const TrackedFile& file) {
  ByteWriter out;
  const bool consumed = file.consumed_rows != 0 || file.consumed_hash != model::RowHash{};
  out.U8(static_cast<uint8_t>((file.waived ? kWaived : 0) | (consumed ? kConsumed : 0)));
  out.Varint(static_cast<uint64_t>(file.record.size_bytes));
  out.Varint(static_cast<uint64_t>(file.record.tail_bytes));
  out.Varint(static_cast<uint64_t>(file.record.rows));
  WriteHash(out, file.record.row_hash);
  out.Bytes(file.record.bounds.max);
  out.Varint(static_cast<uint64_t>(file.references));
  if (file.references == 0) out.Varint(file.unreferenced_since);
  if (consumed) {
    out.Varint(static_cast<uint64_t>(file.consumed_rows));
    WriteHash(out, file.consumed_hash);
  }
  return std::move(out).Take();
}

TrackedFile DecodeFile(MapKey key, std::string_view value) {
  ByteReader in(value);
  const FileFields fields = ReadFile(in);
  TrackedFile file;
  file.record.id = PackedFileId::Unpack(key.suffix);
  file.record.birth = NumberOfKey(key.suffix);
  file.record.bounds = {std::string(key.head), std::string(fields.max)};
  file.record.size_bytes = fields.size_bytes;
  file.record.tail_bytes = fields.tail_bytes;
  file.record.rows = fields.rows;
  file.record.row_hash = fields.row_hash;
  file.references = fields.references;
  file.unreferenced_since = fields.unreferenced_since;
  file.consumed_rows = fields.consumed_rows;
  file.consumed_hash = fields.consumed_hash;
  file.waived = (fields.flags & kWaived) != 0;
  return file;
}

Status CheckFileEntry(MapKey key, std::string_view value) {
  ByteReader in(value);
  const FileFields fields = ReadFile(in);
  if (!in.failed() && (fields.rows <= 0 || key.head > fields.max)) in.Fail("a file has no rows");
  return in.Finish();
}

std::string EncodeReferenceValue(const StoredReference& stored) {
  const model::FileReference& reference = stored.reference;
  ByteWriter out;
  out.U8(static_cast<uint8_t>((reference.rows_exact ? 0 : kInexact) | (reference.interval.upper ? kHasUpper : 0) |
                              (reference.job ? kHasJob : 0) | (reference.attempts != 0 ? kHasAttempts : 0)));
  out.Varint(static_cast<uint64_t>(reference.rows));
  out.Bytes(stored.file_min);
  if (reference.interval.upper) out.Bytes(*reference.interval.upper);
  if (reference.job) out.Bytes(reference.job->value());
  if (reference.attempts != 0) out.U32(static_cast<uint32_t>(reference.attempts));
  return std::move(out).Take();
}

StoredReference DecodeReference(MapKey key, std::string_view value) {
  ByteReader in(value);
  const ReferenceFields fields = ReadReference(in);
  StoredReference stored;
  stored.file_min = std::string(fields.file_min);
  model::FileReference& reference = stored.reference;
  reference.file = PackedFileId::Unpack(key.suffix);
  reference.interval.lower = std::string(key.head);
  if ((fields.flags & kHasUpper) != 0) reference.interval.upper = std::string(fields.upper);
  reference.rows = fields.rows;
  reference.rows_exact = (fields.flags & kInexact) == 0;
  if ((fields.flags & kHasJob) != 0) reference.job = model::JobId(std::string(fields.job));
  reference.attempts = static_cast<int>(fields.attempts);
  return stored;
}

Status CheckReferenceEntry(MapKey key, std::string_view value) {
  ByteReader in(value);
  const ReferenceFields fields = ReadReference(in);
  if (!in.failed() && (fields.flags & kHasUpper) != 0 && fields.upper <= key.head) {
    in.Fail("a reference has an empty interval");
  }
  return in.Finish();
}

int64_t ReferenceRows(std::string_view value) {
  ByteReader in(value);
  in.U8();
  return static_cast<int64_t>(in.Varint());
}

bool ReferenceOnJob(std::string_view value) { return (ByteReader(value).U8() & kHasJob) != 0; }

std::string_view ReferenceFileMin(std::string_view value) {
  ByteReader in(value);
  in.U8();
  in.Varint();
  return in.Bytes();
}

}  // namespace sleeper::state
