#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sleeper::file {

/// The types of values in Thrift's compact protocol, in which Parquet writes its footers, indexes and page headers.
/// A boolean field is its own value: kTrue or kFalse.
enum class ThriftType : uint8_t {
  kStop = 0,
  kTrue = 1,
  kFalse = 2,
  kByte = 3,
  kInt16 = 4,
  kInt32 = 5,
  kInt64 = 6,
  kDouble = 7,
  kBinary = 8,
  kList = 9,
  kSet = 10,
  kMap = 11,
  kStruct = 12,
};

/// Appends Thrift values to bytes. Fields of a struct are written in ascending order of their numbers. Confined.
class ThriftWriter {
 public:
  void Bool(int field, bool value) { Header(field, value ? ThriftType::kTrue : ThriftType::kFalse); }
  void Int8(int field, int8_t value) {
    Header(field, ThriftType::kByte);
    bytes_.push_back(static_cast<char>(value));
  }
  void Int16(int field, int16_t value) { Integer(field, ThriftType::kInt16, value); }
  void Int32(int field, int32_t value) { Integer(field, ThriftType::kInt32, value); }
  void Int64(int field, int64_t value) { Integer(field, ThriftType::kInt64, value); }
  void Binary(int field, std::string_view value) {
    Header(field, ThriftType::kBinary);
    BinaryElement(value);
  }

  /// A field that is a struct, whose fields `write` writes.
  template <typename Write>
  void Struct(int field, Write write) {
    Header(field, ThriftType::kStruct);
    StructElement(write);
  }

  /// A field that is a list; its elements follow.
  void List(int field, ThriftType element, size_t size);

  // Elements of a list, and the outermost value.
  void Int32Element(int32_t value) { ZigZag(value); }
  void Int64Element(int64_t value) { ZigZag(value); }
  void BoolElement(bool value) { bytes_.push_back(static_cast<char>(value ? ThriftType::kTrue : ThriftType::kFalse)); }
  void BinaryElement(std::string_view value) {
    Varint(value.size());
    bytes_.append(value);
  }
  template <typename Write>
  void StructElement(Write write) {
    const int outer = std::exchange(last_field_, 0);
    write();
    bytes_.push_back(static_cast<char>(ThriftType::kStop));
    last_field_ = outer;
  }

  const std::string& bytes() const { return bytes_; }
  void Clear() { bytes_.clear(); }

 private:
  void Header(int field, ThriftType type);
  void Integer(int field, ThriftType type, int64_t value) {
    Header(field, type);
    ZigZag(value);
  }
  void Varint(uint64_t value);
  void ZigZag(int64_t value) { Varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63)); }

  std::string bytes_;
  int last_field_ = 0;
};

/// Reads Thrift values out of bytes that nobody has checked. The first fault (an end too early, another type than the
/// one asked for, too deep a nesting) makes ok() false for good; from then on structs have no more fields, lists no
/// elements, and values are zero or empty, so that a reader of structs needs to ask only once, at the end. Confined.
class ThriftReader {
 public:
  explicit ThriftReader(std::span<const uint8_t> bytes) : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }

  /// What has not been read yet.
  std::span<const uint8_t> rest() const { return {next_, end_}; }

  /// Reads a struct: calls `on_field` with the number of each field, for it to read or Skip() the value.
  template <typename OnField>
  void Struct(OnField on_field) {
    if (!Enter(ThriftType::kStruct)) return;
    const int outer = std::exchange(field_, 0);
    while (NextField()) on_field(field_);
    field_ = outer;
    --depth_;
  }

  /// Reads a list: calls `on_element` for each element.
  template <typename OnElement>
  void List(OnElement on_element) {
    if (!Enter(ThriftType::kList)) return;
    const auto [element, size] = ListHeader();
    for (size_t i = 0; i < size && ok_; ++i) {
      type_ = element;
      in_list_ = true;
      on_element();
    }
    --depth_;
  }

  bool Bool();
  int8_t Int8();
  int16_t Int16() { return static_cast<int16_t>(Integer(ThriftType::kInt16)); }
  int32_t Int32() { return static_cast<int32_t>(Integer(ThriftType::kInt32)); }
  int64_t Int64() { return Integer(ThriftType::kInt64); }
  /// Points into the bytes.
  std::string_view Binary();
  void Skip();

 private:
  static constexpr int kDepthMax = 32;

  void Fail() {
    ok_ = false;
    next_ = end_;
  }
  bool Enter(ThriftType type);
  bool NextField();
  std::pair<ThriftType, size_t> ListHeader();
  void SkipMap();
  uint8_t Byte();
  uint64_t Varint();
  int64_t Integer(ThriftType type);
  size_t left() const { return static_cast<size_t>(end_ - next_); }

  const uint8_t* next_;
  const uint8_t* end_;
  bool ok_ = true;
  /// The type of the value that is read next; outermost stands a struct.
  ThriftType type_ = ThriftType::kStruct;
  int field_ = 0;
  int depth_ = 0;
  /// Whether the next value is an element, where a boolean has a byte of its own.
  bool in_list_ = false;
};

}  // namespace sleeper::file
