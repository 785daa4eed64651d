#include "sleeper/model/key_codec.h"

#include <utility>

#include "sleeper/base/utf8.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::model {
namespace {

template <typename Unsigned>
Unsigned LoadBigEndian(std::string_view bytes) {
  Unsigned value = 0;
  for (size_t i = 0; i < sizeof(Unsigned); ++i) {
    value = static_cast<Unsigned>(value << 8 | static_cast<uint8_t>(bytes[i]));
  }
  return value;
}

int32_t LoadInt32(std::string_view bytes) {
  return static_cast<int32_t>(LoadBigEndian<uint32_t>(bytes) ^ 0x8000'0000U);
}

int64_t LoadInt64(std::string_view bytes) {
  return static_cast<int64_t>(LoadBigEndian<uint64_t>(bytes) ^ 0x8000'0000'0000'0000ULL);
}

/// Takes zero bytes out of their escapes. REQUIRES: `escaped` is well-formed.
std::string Unescape(std::string_view escaped) {
  std::string bytes;
  bytes.reserve(escaped.size());
  for (size_t i = 0; i < escaped.size(); ++i) {
    bytes += escaped[i];
    if (escaped[i] == '\0') ++i;
  }
  return bytes;
}

/// The size of the value of `kind` at the start of `key`, with its terminator.
Result<size_t> ValueSize(TypeKind kind, std::string_view key) {
  switch (kind) {
    case TypeKind::kInt:
    case TypeKind::kDate:
      if (key.size() >= kNormalisedInt32Size) return kNormalisedInt32Size;
      return Error(ErrorKind::kCorrupt, "normalised key: ", key.size(), " bytes are too few for ", TypeKindName(kind));
    case TypeKind::kLong:
    case TypeKind::kTimestamp:
      if (key.size() >= kNormalisedInt64Size) return kNormalisedInt64Size;
      return Error(ErrorKind::kCorrupt, "normalised key: ", key.size(), " bytes are too few for ", TypeKindName(kind));
    case TypeKind::kString:
    case TypeKind::kBytes:
      for (size_t zero = key.find('\0'); zero != std::string_view::npos; zero = key.find('\0', zero + 2)) {
        if (zero + 1 == key.size()) break;
        const auto mark = static_cast<uint8_t>(key[zero + 1]);
        if (mark == 0x01) return zero + kNormalisedTerminatorSize;
        if (mark != 0xFF) {
          return Error(ErrorKind::kCorrupt, "normalised key: a zero byte is followed by ", static_cast<int>(mark));
        }
      }
      return Error(ErrorKind::kCorrupt, "normalised key: ", TypeKindName(kind), " has no end");
    default:
      return Error(ErrorKind::kInternal, "normalised key: not a key type: ", TypeKindName(kind));
  }
}

struct AppendTo {
  std::string& out;
  void operator()(int32_t value) const { AppendNormalised(out, value); }
  void operator()(int64_t value) const { AppendNormalised(out, value); }
  void operator()(const std::string& value) const { AppendNormalised(out, std::string_view(value)); }
  void operator()(const Bytes& value) const { AppendNormalised(out, std::string_view(value.value)); }
  void operator()(Date value) const { AppendNormalised(out, value.days); }
  void operator()(Timestamp value) const { AppendNormalised(out, value.microseconds); }
};

}  // namespace

void AppendKeyValue(std::string& out, const KeyValue& value) { std::visit(AppendTo{out}, value); }

NormalisedKey EncodeKey(std::span<const KeyValue> values) {
  NormalisedKey key;
  for (const KeyValue& value : values) AppendKeyValue(key, value);
  return key;
}

Result<KeyValue> KeyReader::Next(TypeKind kind) {
  TRY_ASSIGN(const size_t size, ValueSize(kind, rest_));
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  switch (kind) {
    case TypeKind::kInt:
      return KeyValue(LoadInt32(bytes));
    case TypeKind::kLong:
      return KeyValue(LoadInt64(bytes));
    case TypeKind::kDate:
      return KeyValue(Date{LoadInt32(bytes)});
    case TypeKind::kTimestamp:
      return KeyValue(Timestamp{LoadInt64(bytes)});
    case TypeKind::kBytes:
      return KeyValue(Bytes{Unescape(bytes.substr(0, size - kNormalisedTerminatorSize))});
    default:
      break;
  }
  std::string text = Unescape(bytes.substr(0, size - kNormalisedTerminatorSize));
  if (!IsUtf8(text)) return Error(ErrorKind::kCorrupt, "normalised key: a string is not UTF-8: ", Quoted(text));
  return KeyValue(std::move(text));
}

Status KeyReader::Skip(TypeKind kind) {
  TRY_ASSIGN(const size_t size, ValueSize(kind, rest_));
  rest_.remove_prefix(size);
  return Status::OK();
}

Result<KeyTuple> DecodeKey(std::span<const Field> fields, std::string_view key) {
  TRY_ASSIGN(KeyTuple values, DecodeKeyPrefix(fields, key));
  if (values.size() < fields.size()) {
    return Error(ErrorKind::kCorrupt, "normalised key: ends before field ", Quoted(fields[values.size()].name));
  }
  return values;
}

Result<KeyTuple> DecodeKeyPrefix(std::span<const Field> fields, std::string_view key) {
  KeyReader reader(key);
  KeyTuple values;
  for (const Field& field : fields) {
    if (reader.AtEnd()) return values;
    Result<KeyValue> value = reader.Next(field.type.kind());
    if (!value.ok()) return WithContext(value.status(), "field " + Quoted(field.name));
    values.push_back(*std::move(value));
  }
  if (!reader.AtEnd())
    return Error(ErrorKind::kCorrupt, "normalised key: bytes after its last field: ", reader.rest().size());
  return values;
}

Result<size_t> KeyPrefixSize(std::span<const Field> fields, std::string_view key) {
  KeyReader reader(key);
  for (const Field& field : fields) TRY(reader.Skip(field.type.kind()));
  return key.size() - reader.rest().size();
}

std::optional<NormalisedKey> SuccessorOfPrefix(std::span<const KeyValue> prefix) {
  // A value at the end of its type has nothing after it: then the value before it goes up.
  for (; !prefix.empty(); prefix = prefix.first(prefix.size() - 1)) {
    const std::optional<KeyValue> next = NextValue(prefix.back());
    if (!next) continue;
    NormalisedKey key = EncodeKey(prefix.first(prefix.size() - 1));
    AppendKeyValue(key, *next);
    return key;
  }
  return std::nullopt;
}

KeyInterval IntervalOfPrefix(std::span<const KeyValue> prefix) {
  return {EncodeKey(prefix), SuccessorOfPrefix(prefix)};
}

std::string FormatKey(std::span<const Field> fields, std::string_view key) {
  const Result<KeyTuple> values = DecodeKeyPrefix(fields, key);
  if (!values.ok()) return HexDigits(key);
  std::string text = "(";
  for (const KeyValue& value : *values) {
    if (text.size() > 1) text += ", ";
    text += FormatKeyValue(value);
  }
  return text + ")";
}

}  // namespace sleeper::model
