#pragma once

#include <cstdint>
#include <string_view>

// How files of binary formats begin. A text may begin with the same letters, "PAR1" say, so more than these is looked
// at: what follows them in a binary file cannot stand in a text.

namespace sleeper::exchange {

/// So many bytes of a file's beginning tell.
inline constexpr int64_t kMagicBytes = 8;

bool BeginsAsParquet(std::string_view head);
bool BeginsAsArrowFile(std::string_view head);

}  // namespace sleeper::exchange
