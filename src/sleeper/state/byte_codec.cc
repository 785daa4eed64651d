#include "sleeper/state/byte_codec.h"

#include <cstring>

namespace sleeper::state {

namespace {

template <typename T>
std::string LittleEndian(T value) {
  std::string bytes(sizeof(T), '\0');
  for (size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

template <typename T>
T FromLittleEndian(std::string_view bytes) {
  T value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) value |= static_cast<T>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  return value;
}

}  // namespace

void ByteWriter::U32(uint32_t value) { bytes_ += LittleEndian(value); }
void ByteWriter::U64(uint64_t value) { bytes_ += LittleEndian(value); }

void ByteWriter::Varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) U8(static_cast<uint8_t>(value | 0x80));
  U8(static_cast<uint8_t>(value));
}

void ByteReader::Fail(std::string_view what) {
  if (failed()) return;
  failure_ = Error(ErrorKind::kCorrupt, what);
  rest_ = {};
}

std::string_view ByteReader::Raw(size_t size) {
  if (size > rest_.size()) {
    Fail("the bytes end too early");
    return {};
  }
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

uint8_t ByteReader::U8() { return FromLittleEndian<uint8_t>(Raw(1)); }
uint32_t ByteReader::U32() { return FromLittleEndian<uint32_t>(Raw(4)); }
uint64_t ByteReader::U64() { return FromLittleEndian<uint64_t>(Raw(8)); }

uint64_t ByteReader::Varint() {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t byte = U8();
    if (failed()) return 0;
    if (shift == 63 && byte > 1) {
      Fail("a number is too large");
      return 0;
    }
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) != 0) continue;
    if (byte == 0 && shift > 0) {
      Fail("a number is not in its shortest form");
      return 0;
    }
    return value;
  }
}

int64_t ByteReader::SignedVarint() {
  const uint64_t value = Varint();
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

std::string_view ByteReader::Bytes() {
  const uint64_t size = Varint();
  return Raw(static_cast<size_t>(size));
}

size_t ByteReader::Count(size_t element_bytes_min) {
  const uint64_t count = Varint();
  if (count > rest_.size() / element_bytes_min) {
    Fail("a list is longer than the bytes can hold");
    return 0;
  }
  return static_cast<size_t>(count);
}

void WriteTime(ByteWriter& out, WallTime time) { out.SignedVarint(time.time_since_epoch().count()); }

WallTime ReadTime(ByteReader& in) {
  constexpr int64_t kMicrosecondsMax = int64_t{250'000'000'000} * 1'000'000;
  const int64_t microseconds = in.SignedVarint();
  if (microseconds > kMicrosecondsMax || microseconds < -kMicrosecondsMax) {
    in.Fail("a time is out of bounds");
    return WallTime();
  }
  return WallTime(Duration(microseconds));
}

Status ByteReader::Finish() {
  if (!failed() && !rest_.empty()) Fail("there are bytes left over");
  return failure_;
}

}  // namespace sleeper::state
