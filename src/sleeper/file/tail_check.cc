#include "sleeper/file/tail_check.h"

#include <charconv>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "sleeper/base/check.h"
#include "sleeper/file/crc32.h"

// The item lies inside of what it proves. It has a fixed length, and the checksum is that of the tail with zeros in its
// place.

namespace sleeper::file {
namespace {

constexpr std::string_view kName = "sleeper.tail";

/// Between an item's name and its value: the kind of the field, and its length.
constexpr size_t kBytesBetween = 2;

constexpr size_t kLengthDigits = 16;
constexpr size_t kChecksumDigits = 8;
constexpr std::string_view kNoChecksum = "00000000";

/// "<length>:<checksum>", in hexadecimal.
constexpr size_t kValueBytes = kLengthDigits + 1 + kChecksumDigits;

/// Where the item's value begins. The item is the last of all.
std::optional<size_t> ValueBegin(std::string_view bytes) {
  const size_t name = bytes.rfind(kName);
  if (name == std::string_view::npos) return std::nullopt;
  const size_t begin = name + kName.size() + kBytesBetween;
  if (begin + kValueBytes > bytes.size()) return std::nullopt;
  return begin;
}

template <typename Number>
std::optional<Number> ParseHex(std::string_view digits) {
  Number number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::span<const uint8_t> SpanOf(std::string_view bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

/// Goes on with a checksum over `bytes`, in which the checksum itself begins at `at`.
uint32_t ChecksumOf(uint32_t crc, std::string_view bytes, size_t at) {
  crc = Crc32(crc, SpanOf(bytes.substr(0, at)));
  crc = Crc32(crc, SpanOf(kNoChecksum));
  return Crc32(crc, SpanOf(bytes.substr(at + kChecksumDigits)));
}

}  // namespace

void AddTailItem(FooterItems& items) { items.emplace_back(kName, std::string(kValueBytes, '0')); }

void SealTail(std::string& end, int64_t bytes_before, uint32_t crc_before) {
  const std::optional<size_t> value = ValueBegin(end);
  SLEEPER_CHECK(value.has_value(), "a footer without the item that proves it");
  const size_t at = *value + kLengthDigits + 1;
  end.replace(*value, kLengthDigits + 1, fmt::format("{:016x}:", static_cast<uint64_t>(bytes_before) + end.size()));
  end.replace(at, kChecksumDigits, fmt::format("{:08x}", ChecksumOf(crc_before, end, at)));
}

Status CheckTail(std::span<const uint8_t> bytes) {
  std::string_view tail(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::optional<size_t> value = ValueBegin(tail);
  if (!value) return Status::OK();
  const auto length = ParseHex<uint64_t>(tail.substr(*value, kLengthDigits));
  const auto checksum = ParseHex<uint32_t>(tail.substr(*value + kLengthDigits + 1, kChecksumDigits));
  const bool fits = length && checksum && *length <= tail.size() && tail.size() - *length <= *value;
  if (!fits) return Error(ErrorKind::kCorrupt, "what the footer says of the tail is damaged");
  const size_t skipped = tail.size() - *length;
  if (ChecksumOf(0, tail.substr(skipped), *value - skipped + kLengthDigits + 1) != *checksum) {
    return Error(ErrorKind::kCorrupt, "the checksum of indexes and footer is wrong");
  }
  return Status::OK();
}

}  // namespace sleeper::file
