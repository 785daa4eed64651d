#pragma once

#include "sleeper/columnar/flat_values.h"

namespace sleeper::file {

using columnar::ByteView;
using columnar::FlatValues;

}  // namespace sleeper::file
