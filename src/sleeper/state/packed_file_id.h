#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sleeper/model/ids.h"

namespace sleeper::state {

/// A file id in 16 bytes, whose order is that of birth, then of the random part: the suffix of keys in the state's
/// maps. Immutable value.
class PackedFileId {
 public:
  static constexpr int kBytes = 16;

  static model::FileId Make(uint64_t birth, uint64_t random);

  /// Nothing if the id is not of the form "<xx>/<up>-<random>".
  static std::optional<PackedFileId> Pack(const model::FileId& id);

  /// REQUIRES of both: bytes.size() == kBytes.
  static PackedFileId FromBytes(std::string_view bytes);
  static model::FileId Unpack(std::string_view bytes);

  std::string_view bytes() const { return {bytes_, kBytes}; }
  model::LogNumber birth() const;

  friend bool operator<(const PackedFileId& a, const PackedFileId& b) { return a.bytes() < b.bytes(); }

 private:
  char bytes_[kBytes];
};

/// Eight bytes, big endian, which sort as the numbers do: keys of the state's maps.
std::string NumberKey(uint64_t number);
/// REQUIRES: at least eight bytes.
uint64_t NumberOfKey(std::string_view bytes);

}  // namespace sleeper::state
