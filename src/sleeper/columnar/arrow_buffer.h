#pragma once

#include <memory>

#include <arrow/type_fwd.h>

#include "sleeper/base/buffer.h"

namespace sleeper::columnar {

/// The same bytes as Arrow's buffer or as ours. Nothing is copied: the result keeps the memory alive.
std::shared_ptr<arrow::Buffer> ToArrow(Buffer buffer);
Buffer FromArrow(std::shared_ptr<arrow::Buffer> buffer);

}  // namespace sleeper::columnar
