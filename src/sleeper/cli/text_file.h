#pragma once

#include <string>

#include "sleeper/base/status.h"

namespace sleeper::cli {

/// A file that a person wrote, whole. kNotFound if there is none; kDenied without permission; kInvalid for a folder or
/// one of more than kTextFileBytesMax.
inline constexpr int64_t kTextFileBytesMax = int64_t{16} << 20;
Result<std::string> ReadTextFile(const std::string& path);

}  // namespace sleeper::cli
