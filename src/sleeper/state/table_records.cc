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

TrackedFile ReadFile(MapKey key, ByteReader& in) {
  TrackedFile file;
  file.record.id = PackedFileId::Unpack(key.suffix);
  file.record.birth = NumberOfKey(key.suffix);
  file.record.bounds.min = std::string(key.head);
  const uint8_t flags = in.U8();
  if ((flags & ~(kWaived | kConsumed)) != 0) in.Fail("a file has unknown flags");
  file.waived = (flags & kWaived) != 0;
  file.record.size_bytes = ReadCount(in);
  file.record.tail_bytes = ReadCount(in);
  file.record.rows = ReadCount(in);
  file.record.row_hash = ReadHash(in);
  file.record.bounds.max = std::string(in.Bytes());
  file.references = ReadCount(in);
  file.unreferenced_since = file.references == 0 ? in.Varint() : 0;
  if ((flags & kConsumed) != 0) {
    file.consumed_rows = ReadCount(in);
    file.consumed_hash = ReadHash(in);
  }
  return file;
}

StoredReference ReadReference(MapKey key, ByteReader& in) {
  StoredReference stored;
  model::FileReference& reference = stored.reference;
  reference.file = PackedFileId::Unpack(key.suffix);
  reference.interval.lower = std::string(key.head);
  const uint8_t flags = in.U8();
  if ((flags & ~(kInexact | kHasUpper | kHasJob | kHasAttempts)) != 0) in.Fail("a reference has unknown flags");
  reference.rows_exact = (flags & kInexact) == 0;
  reference.rows = ReadCount(in);
  stored.file_min = std::string(in.Bytes());
  if ((flags & kHasUpper) != 0) reference.interval.upper = std::string(in.Bytes());
  if ((flags & kHasJob) != 0) reference.job = model::JobId(std::string(in.Bytes()));
  if ((flags & kHasAttempts) != 0) reference.attempts = static_cast<int>(in.U32());
  return stored;
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
  return ReadFile(key, in);
}

Status CheckFileEntry(MapKey key, std::string_view value) {
  ByteReader in(value);
  const TrackedFile file = ReadFile(key, in);
  if (!in.failed() && (file.record.rows <= 0 || file.record.bounds.min > file.record.bounds.max)) {
    in.Fail("a file has no rows");
  }
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
  return ReadReference(key, in);
}

Status CheckReferenceEntry(MapKey key, std::string_view value) {
  ByteReader in(value);
  const StoredReference stored = ReadReference(key, in);
  if (!in.failed() && stored.reference.interval.empty()) in.Fail("a reference has an empty interval");
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
