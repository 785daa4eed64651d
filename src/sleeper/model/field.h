#pragma once

#include <string>

#include "sleeper/model/type.h"

namespace sleeper::model {

/// A column of a table. Immutable value.
struct Field {
  std::string name;
  Type type;
  /// Whether rows may hold no value. Never for keys.
  bool nullable = false;

  friend bool operator==(const Field&, const Field&) = default;
};

}  // namespace sleeper::model
