#include "sleeper/file/thrift_compact.h"

#include <limits>

namespace sleeper::file {

void ThriftWriter::Varint(uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

void ThriftWriter::Header(int field, ThriftType type) {
  const int step = field - last_field_;
  if (step > 0 && step < 16) {
    bytes_.push_back(static_cast<char>(step << 4 | static_cast<int>(type)));
  } else {
    bytes_.push_back(static_cast<char>(type));
    ZigZag(field);
  }
  last_field_ = field;
}

void ThriftWriter::List(int field, ThriftType element, size_t size) {
  Header(field, ThriftType::kList);
  if (size < 15) {
    bytes_.push_back(static_cast<char>(size << 4 | static_cast<size_t>(element)));
  } else {
    bytes_.push_back(static_cast<char>(0xF0 | static_cast<int>(element)));
    Varint(size);
  }
}

bool ThriftReader::Enter(ThriftType type) {
  if (!ok_ || type_ != type || depth_ == kDepthMax) {
    Fail();
    return false;
  }
  ++depth_;
  return true;
}

uint8_t ThriftReader::Byte() {
  if (next_ == end_) {
    Fail();
    return 0;
  }
  return *next_++;
}

uint64_t ThriftReader::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint8_t byte = Byte();
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return ok_ ? value : 0;
  }
  Fail();
  return 0;
}

int64_t ThriftReader::Integer(ThriftType type) {
  if (type_ != type) Fail();
  const uint64_t zigzag = Varint();
  const auto value = static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
  const int64_t max = type == ThriftType::kInt16   ? std::numeric_limits<int16_t>::max()
                      : type == ThriftType::kInt32 ? std::numeric_limits<int32_t>::max()
                                                   : std::numeric_limits<int64_t>::max();
  if (value > max || value < -max - 1) Fail();
  return ok_ ? value : 0;
}

bool ThriftReader::NextField() {
  in_list_ = false;
  const uint8_t header = Byte();
  type_ = static_cast<ThriftType>(header & 0x0F);
  if (!ok_ || type_ == ThriftType::kStop) return false;
  if ((header >> 4) != 0) {
    field_ += header >> 4;
    return true;
  }
  const ThriftType type = std::exchange(type_, ThriftType::kInt16);
  field_ = Int16();
  type_ = type;
  return ok_;
}

std::pair<ThriftType, size_t> ThriftReader::ListHeader() {
  const uint8_t header = Byte();
  const auto element = static_cast<ThriftType>(header & 0x0F);
  uint64_t size = header >> 4;
  if (size == 15) size = Varint();
  // Every element takes a byte at least, so that no count makes more work than there are bytes.
  if (size > left()) Fail();
  return {element, ok_ ? static_cast<size_t>(size) : 0};
}

bool ThriftReader::Bool() {
  if (type_ != ThriftType::kTrue && type_ != ThriftType::kFalse) {
    Fail();
    return false;
  }
  return (in_list_ ? static_cast<ThriftType>(Byte()) : type_) == ThriftType::kTrue && ok_;
}

int8_t ThriftReader::Int8() {
  if (type_ != ThriftType::kByte) Fail();
  return static_cast<int8_t>(Byte());
}

std::string_view ThriftReader::Binary() {
  if (type_ != ThriftType::kBinary) Fail();
  const uint64_t size = Varint();
  if (size > left()) Fail();
  if (!ok_) return {};
  const std::string_view value(reinterpret_cast<const char*>(next_), static_cast<size_t>(size));
  next_ += size;
  return value;
}

void ThriftReader::SkipMap() {
  if (!Enter(ThriftType::kMap)) return;
  const uint64_t size = Varint();
  if (size > left()) Fail();
  if (ok_ && size > 0) {
    const uint8_t types = Byte();
    for (uint64_t i = 0; i < size && ok_; ++i) {
      for (const int type : {types >> 4, types & 0x0F}) {
        type_ = static_cast<ThriftType>(type);
        in_list_ = true;
        Skip();
      }
    }
  }
  --depth_;
}

void ThriftReader::Skip() {
  switch (type_) {
    case ThriftType::kTrue:
    case ThriftType::kFalse:
      Bool();
      return;
    case ThriftType::kByte:
      Byte();
      return;
    case ThriftType::kInt16:
    case ThriftType::kInt32:
    case ThriftType::kInt64:
      Varint();
      return;
    case ThriftType::kDouble:
      for (int i = 0; i < 8; ++i) Byte();
      return;
    case ThriftType::kBinary:
      Binary();
      return;
    case ThriftType::kSet:
      type_ = ThriftType::kList;
      [[fallthrough]];
    case ThriftType::kList:
      List([this] { Skip(); });
      return;
    case ThriftType::kMap:
      SkipMap();
      return;
    case ThriftType::kStruct:
      Struct([this](int) { Skip(); });
      return;
    case ThriftType::kStop:
      break;
  }
  Fail();
}

}  // namespace sleeper::file
