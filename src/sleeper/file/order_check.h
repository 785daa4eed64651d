#pragma once

#include <cstdint>
#include <string>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/model/key_interval.h"

namespace sleeper::file {

/// Proves that rows come in key order, and remembers the first and the last row key. Confined.
class OrderCheck {
 public:
  /// kInternal, naming the row (counted from the first batch's first row), if a key is less than the one before it.
  Status Add(const columnar::Batch& batch);

  /// REQUIRES: a row was added.
  const model::KeyBounds& bounds() const { return bounds_; }

 private:
  /// The key of one row.
  columnar::KeyColumn keys_;
  std::string last_key_;
  model::KeyBounds bounds_;
  int64_t rows_ = 0;
};

}  // namespace sleeper::file
