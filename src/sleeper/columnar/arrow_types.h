#pragma once

#include <memory>

#include <arrow/type_fwd.h>

#include "sleeper/base/status.h"
#include "sleeper/model/schema.h"

namespace sleeper::columnar {

/// The one Arrow type that stands for `type`: int32, int64, utf8, binary, date32, timestamp[us, UTC], bool, float,
/// double, list<element> and map<key, value>. Elements of lists and values of maps may be null, keys of maps never.
std::shared_ptr<arrow::DataType> ToArrow(const model::Type& type);

std::shared_ptr<arrow::Field> ToArrow(const model::Field& field);

/// The inverse of ToArrow: kInvalid for every other Arrow type. (Casting foreign columns is the work of room exchange.)
Result<model::Type> FromArrow(const arrow::DataType& type);

}  // namespace sleeper::columnar
