#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/exchange/format.h"

namespace sleeper::exchange {

/// More files than this in one request are refused.
inline constexpr size_t kInputsMax = 1'000'000;
/// Folders inside one another deeper than this are refused.
inline constexpr int kFolderDepthMax = 64;

enum class InputPlace {
  kFile,
  kStandardInput,  ///< "-"
  kUrl,            ///< "s3://…" and the like: for whoever knows the store.
};

/// One input to read.
struct InputPath {
  InputPlace place = InputPlace::kFile;
  std::string path;
  InputFormat format = InputFormat::kParquet;
  /// What the name says about the delimiter of CSV.
  char delimiter = ',';

  friend bool operator==(const InputPath&, const InputPath&) = default;
};

/// The URLs of the objects that a URL of a request means, which may be that of one object, a prefix or a glob.
using UrlFinder = std::function<Result<std::vector<std::string>>(const std::string& url)>;

/// What to answer if a folder or glob leads to no input.
Status NothingFound(std::string_view what);

/// What the paths of a request mean, in the order given; files of one folder or glob in the order of their names'
/// bytes.
///
/// A path that exists is a file or a folder, even if it looks like a glob. A folder stands for the files in it and in
/// its folders whose names end as a known format does (or, with `format`, for all files), a glob for the same among
/// what it matches; names that begin with "." or "_" and checksums (.crc) are passed over. Without `format` the name of
/// a file tells its format; with it, every input has that format. What a URL stands for `find` says; without it,
/// itself.
///
/// kNotFound if a path or glob leads to no input; kInvalid if a format is not to be told, or a file is named twice.
Result<std::vector<InputPath>> ExpandInputs(const std::vector<std::string>& paths, std::optional<InputFormat> format,
                                            const UrlFinder& find = {});

}  // namespace sleeper::exchange
