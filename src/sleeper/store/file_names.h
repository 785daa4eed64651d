#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/store/object_path.h"

namespace sleeper::store {

/// How the parts of object paths appear as names of files and folders. Most parts are their own file name. Percent
/// signs, characters that some file system refuses (\ : * ? " < > |), a leading dot, and a trailing dot or space become
/// "%" and two hexadecimal digits. So names that start with a dot are never objects: the store keeps its own files
/// there.

/// The longest name that file systems take, in bytes.
inline constexpr size_t kFileNameBytesMax = 255;

/// Where an object lies below the root of a folder store.
struct FilePlace {
  std::vector<std::string> folders;
  std::string name;
};

/// kInvalid if the path is not valid, or one of its parts is too long for a file name.
Result<FilePlace> PlaceOf(const ObjectPath& path);

/// The file name of one part. It may be longer than file systems take.
std::string FileNameOf(std::string_view part);

/// The part whose file name this is; nothing if it is no part's, so that the file is a foreign one.
std::optional<std::string> PartOf(std::string_view file_name);

/// `text` with every byte of `escaped` and every "%" as "%" and two hexadecimal digits.
std::string Escape(std::string_view text, std::string_view escaped);

/// Undoes Escape. Nothing if a "%" is not followed by two hexadecimal digits.
std::optional<std::string> Unescape(std::string_view text);

}  // namespace sleeper::store
