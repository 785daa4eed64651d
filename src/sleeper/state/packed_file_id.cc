#include "sleeper/state/packed_file_id.h"

#include <cstring>

#include "sleeper/base/check.h"
#include "sleeper/state/layout.h"

namespace sleeper::state {

namespace {

constexpr size_t kNumberBytes = 8;
constexpr size_t kHexDigits = 16;
/// "<xx>/<up>-<random>"
constexpr size_t kUpAt = 3;
constexpr size_t kRandomAt = kUpAt + kHexDigits + 1;
constexpr size_t kIdSize = kRandomAt + kHexDigits;

}  // namespace

std::string NumberKey(uint64_t number) {
  std::string bytes(kNumberBytes, '\0');
  for (size_t i = 0; i < kNumberBytes; ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i) & 0xff);
  return bytes;
}

uint64_t NumberOfKey(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < kNumberBytes; ++i) number = number << 8 | static_cast<uint8_t>(bytes[i]);
  return number;
}

model::FileId PackedFileId::Make(uint64_t birth, uint64_t random) {
  const std::string digits = FormatUp(random);
  return model::FileId(digits.substr(0, 2) + "/" + FormatUp(birth) + "-" + digits);
}

std::optional<PackedFileId> PackedFileId::Pack(const model::FileId& id) {
  const std::string_view text = id.value();
  if (text.size() != kIdSize || text[2] != '/' || text[kRandomAt - 1] != '-') return std::nullopt;
  const std::optional<uint64_t> birth = ParseUp(text.substr(kUpAt, kHexDigits));
  const std::optional<uint64_t> random = ParseUp(text.substr(kRandomAt));
  if (!birth || !random || text.substr(0, 2) != text.substr(kRandomAt, 2)) return std::nullopt;
  PackedFileId packed;
  std::memcpy(packed.bytes_, NumberKey(*birth).data(), kNumberBytes);
  std::memcpy(packed.bytes_ + kNumberBytes, NumberKey(*random).data(), kNumberBytes);
  return packed;
}

PackedFileId PackedFileId::FromBytes(std::string_view bytes) {
  SLEEPER_CHECK(bytes.size() == static_cast<size_t>(kBytes), "a packed file id of ", bytes.size(), " bytes");
  PackedFileId packed;
  std::memcpy(packed.bytes_, bytes.data(), kBytes);
  return packed;
}

model::FileId PackedFileId::Unpack(std::string_view bytes) {
  SLEEPER_CHECK(bytes.size() == static_cast<size_t>(kBytes), "a packed file id of ", bytes.size(), " bytes");
  return Make(NumberOfKey(bytes), NumberOfKey(bytes.substr(kNumberBytes)));
}

model::LogNumber PackedFileId::birth() const { return NumberOfKey(bytes()); }

}  // namespace sleeper::state
