#pragma once

#include <memory>

#include <arrow/type_fwd.h>

#include "sleeper/base/status.h"
#include "sleeper/exchange/place.h"
#include "sleeper/model/field.h"

namespace sleeper::exchange {

/// Whether some values of the Arrow type could stand in a field of type `to` unchanged; if so, CastColumn decides value
/// by value. Texts are never read as numbers or dates here: only text formats do that.
bool CanCast(const arrow::DataType& from, const model::Type& to);

/// The same values as the one Arrow type of `field`. A value that would change, or a null where the field allows none,
/// is kInvalid and named with its row; `first` is the place of the column's first value. Shares memory where it can.
/// REQUIRES: the array is valid, and its type can be cast.
Result<std::shared_ptr<arrow::Array>> CastColumn(const std::shared_ptr<arrow::Array>& column, const model::Field& field,
                                                 const Place& first);

}  // namespace sleeper::exchange
