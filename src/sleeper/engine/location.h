#pragma once

#include <string>
#include <string_view>

#include "sleeper/base/status.h"

namespace sleeper::engine {

/// Where an instance lies. Immutable value.
struct Location {
  enum class Kind {
    kFolder,  ///< A folder of a local file system.
    kS3,      ///< A bucket, or a prefix in one.
  };

  Kind kind = Kind::kFolder;
  /// The folder, absolute or relative to the current one.
  std::string folder;
  std::string bucket;
  /// Without "/" at either end; may be empty.
  std::string prefix;

  /// Reads "PATH", "file:///PATH" or "s3://BUCKET/PREFIX". kInvalid for anything else that looks like a URL.
  static Result<Location> Parse(std::string_view text);

  /// The form that Parse reads.
  std::string ToString() const;

  friend bool operator==(const Location&, const Location&) = default;
};

}  // namespace sleeper::engine
