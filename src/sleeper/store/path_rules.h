#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sleeper/base/buffer.h"
#include "sleeper/base/status.h"
#include "sleeper/store/object_path.h"

namespace sleeper::store {

/// The longest object path, in bytes.
inline constexpr size_t kPathBytesMax = 1024;

/// The most objects that a page of a listing holds, however many are asked for. What S3 does too, so callers must page.
inline constexpr int kListPageMax = 1000;

/// kInvalid unless `path` may name an object: see ObjectPath.
Status CheckObjectPath(const ObjectPath& path);

/// kInvalid unless some valid path could start with `prefix`. It may be empty and end anywhere, even inside a
/// character.
Status CheckListPrefix(const ObjectPath& prefix);

/// kInvalid unless a listing may be asked for with these arguments.
Status CheckListArguments(const ObjectPath& prefix, const ObjectPath& after, int keys_max);

/// The order in which a store that keeps folders lists: "/" comes before every other character.
bool ComesFirstByFolder(std::string_view a, std::string_view b);

/// kInvalid unless [0, size) holds `range`.
Status CheckRange(const ObjectPath& path, ByteRange range, int64_t size);

}  // namespace sleeper::store
