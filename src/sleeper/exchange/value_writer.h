#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <arrow/type_fwd.h>

#include "sleeper/model/type.h"

namespace sleeper::exchange {

/// Writes the values of one column as text. Thread-compatible.
class ValueWriter {
 public:
  virtual ~ValueWriter() = default;

  static std::unique_ptr<ValueWriter> Make(const model::Type& type);

  /// Appends the value's plain text: strings as they are, bytes as base64, lists and maps as JSON.
  /// REQUIRES: the value is not null, and the array is of the writer's type.
  virtual void AppendPlain(std::string& out, const arrow::Array& values, int64_t index) const = 0;

  /// Appends the value as JSON; null too.
  void AppendJson(std::string& out, const arrow::Array& values, int64_t index) const;

  /// True if values of the type are written to the right of their column.
  virtual bool is_number() const { return false; }

 protected:
  /// REQUIRES: the value is not null.
  virtual void AppendJsonValue(std::string& out, const arrow::Array& values, int64_t index) const = 0;
};

/// Appends a JSON string with its quotes.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace sleeper::exchange
