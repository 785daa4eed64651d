#pragma once

#include <cstdint>
#include <string_view>

#include "sleeper/base/status.h"

namespace sleeper::exchange {

/// Hears the parts of a JSON text one by one. A failure ends the parsing and becomes its result.
class JsonEvents {
 public:
  virtual ~JsonEvents() = default;
  virtual Status Null() = 0;
  virtual Status Boolean(bool value) = 0;
  virtual Status Integer(int64_t value) = 0;
  /// Only for what an int64_t does not hold.
  virtual Status Unsigned(uint64_t value) = 0;
  /// A number with a fraction or an exponent, an integer too large for uint64_t, or minus zero, as it is written.
  virtual Status Number(std::string_view text) = 0;
  virtual Status Text(std::string_view text) = 0;
  virtual Status BeginList() = 0;
  virtual Status EndList() = 0;
  virtual Status BeginObject() = 0;
  virtual Status Key(std::string_view key) = 0;
  virtual Status EndObject() = 0;
};

/// Lists and objects inside one another deeper than this are refused.
inline constexpr int kJsonDepthMax = 256;

/// Parses one JSON value. kInvalid, with the column (from 1, in bytes) if the text is not JSON, or not UTF-8; otherwise
/// the failure of `events`.
Status ParseJson(std::string_view text, JsonEvents& events);

}  // namespace sleeper::exchange
