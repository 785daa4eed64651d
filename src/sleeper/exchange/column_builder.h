#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <arrow/type_fwd.h>

#include "sleeper/base/status.h"
#include "sleeper/exchange/json_events.h"
#include "sleeper/model/type.h"

namespace sleeper::exchange {

/// Collects the values of one field as text formats have them: the text of a CSV field, or the events of one JSON
/// value. A refusal says why and names the value; the caller adds the place, and drops the builder. Confined.
class ColumnBuilder : public JsonEvents {
 public:
  static std::unique_ptr<ColumnBuilder> Make(const model::Type& type);

  /// Appends the value that a CSV field holds; lists and maps as their JSON text.
  virtual Status AppendField(std::string_view text) = 0;

  virtual Status AppendNull() = 0;

  /// About how many bytes the values take.
  virtual int64_t bytes() const = 0;

  /// The values since the start or the last call, as the type's one Arrow type.
  virtual Result<std::shared_ptr<arrow::Array>> Finish() = 0;
};

}  // namespace sleeper::exchange
