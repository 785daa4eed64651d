#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "sleeper/file/slack_array.h"

namespace sleeper::file {

/// The bytes in memory as decoders require it: with slack behind them, and beyond that poisoned.
inline SlackArray<uint8_t> SlackCopy(std::span<const uint8_t> bytes) {
  SlackArray<uint8_t> copy;
  copy.Resize(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.data());
  return copy;
}

}  // namespace sleeper::file
