#include "sleeper/exchange/expand_inputs.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <glob.h>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include "sleeper/base/printable_text.h"
#include "sleeper/exchange/find_objects.h"
#include "sleeper/store/posix_file.h"

namespace sleeper::exchange {
namespace {

std::string_view NameOf(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

bool IsUrl(std::string_view path) {
  const size_t colon = path.find("://");
  return colon != std::string_view::npos && colon > 0 && path.find('/') == colon + 1;
}

class Expansion {
 public:
  Expansion(std::optional<InputFormat> format, const UrlFinder& find) : format_(format), find_(find) {}

  Status Add(const std::string& path) {
    if (path == "-") return AddStandardInput();
    if (path.starts_with("file:///")) return Add(path.substr(7));
    if (IsUrl(path)) return AddUrl(path);
    if (path.empty()) return Error(ErrorKind::kInvalid, "the path of an input is empty");
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) {
      return S_ISDIR(info.st_mode) ? AddFolder(path) : AddNamed(InputPlace::kFile, path);
    }
    const int error = errno;
    if (path.find_first_of("*?[") != std::string::npos) return AddGlob(path);
    return store::SystemError(error, "open", path);
  }

  std::vector<InputPath> Take() { return std::move(inputs_); }

 private:
  Status AddStandardInput() {
    if (!format_) {
      return WithHint(Error(ErrorKind::kInvalid, "the format of standard input is not known"),
                      "give it with --input-format");
    }
    return Push({.place = InputPlace::kStandardInput, .path = "-", .format = *format_});
  }

  Status AddUrl(const std::string& url) {
    if (!find_) return AddNamed(InputPlace::kUrl, url);
    const auto found = find_(url);
    if (!found.ok()) return WithContext(found.status(), WithoutUser(url));
    for (const std::string& object : *found) TRY(AddNamed(InputPlace::kUrl, object));
    return Status::OK();
  }

  // An input that the request names itself.
  Status AddNamed(InputPlace place, const std::string& path) {
    const std::optional<NamedFormat> named = FormatOfName(path);
    if (!named && !format_) {
      return WithHint(Error(ErrorKind::kInvalid, "the name does not tell the format: ", path),
                      "give it with --input-format");
    }
    return Push({.place = place,
                 .path = path,
                 .format = format_ ? *format_ : named->format,
                 .delimiter = named ? named->delimiter : ','});
  }

  Status AddFolder(const std::string& folder) {
    std::vector<std::string> files;
    TRY(FindFiles(folder, 0, files));
    std::sort(files.begin(), files.end());
    if (files.empty()) return NothingFound("no input in the folder: " + folder);
    for (const std::string& file : files) TRY(AddNamed(InputPlace::kFile, file));
    return Status::OK();
  }

  Status AddGlob(const std::string& pattern) {
    glob_t matches{};
    const int outcome = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &matches);
    std::vector<std::string> paths(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
    ::globfree(&matches);
    if (outcome == GLOB_NOSPACE) return Error(ErrorKind::kExhausted, "too many files match ", pattern);
    if (outcome == GLOB_ABORTED) return store::SystemError(EACCES, "read", pattern);
    std::vector<std::string> files;
    for (const std::string& path : paths) TRY(FindFilesAt(path, 0, files));
    std::sort(files.begin(), files.end());
    if (files.empty()) return NothingFound("no input matches: " + pattern);
    for (const std::string& file : files) TRY(AddNamed(InputPlace::kFile, file));
    return Status::OK();
  }

  // Adds what a folder or glob offers, if it is an input.
  Status FindFilesAt(const std::string& path, int depth, std::vector<std::string>& files) const {
    if (IsPassedOver(NameOf(path))) return Status::OK();
    struct stat info {};
    // What is gone again, and links that lead nowhere, are no inputs.
    if (::stat(path.c_str(), &info) != 0) return Status::OK();
    if (S_ISDIR(info.st_mode)) return FindFiles(path, depth + 1, files);
    if (!S_ISREG(info.st_mode) || (!format_ && !FormatOfName(path))) return Status::OK();
    if (files.size() == kInputsMax) return Error(ErrorKind::kExhausted, "more than ", kInputsMax, " input files");
    files.push_back(path);
    return Status::OK();
  }

  Status FindFiles(const std::string& folder, int depth, std::vector<std::string>& files) const {
    if (depth > kFolderDepthMax) {
      return Error(ErrorKind::kInvalid, "folders are more than ", kFolderDepthMax, " deep: ", folder);
    }
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
      TRY(FindFilesAt(Joined(folder, entries->path().filename().string()), depth, files));
    }
    return error ? store::SystemError(error.value(), "read", folder) : Status::OK();
  }

  static std::string Joined(const std::string& folder, const std::string& name) {
    return folder.ends_with('/') ? folder + name : folder + "/" + name;
  }

  Status Push(InputPath input) {
    std::string identity = input.path;
    if (input.place == InputPlace::kFile) {
      std::error_code error;
      const std::filesystem::path real = std::filesystem::canonical(input.path, error);
      if (!error) identity = real.string();
    }
    if (!seen_.insert(std::move(identity)).second) {
      return WithHint(Error(ErrorKind::kInvalid, "an input is named twice: ", input.path),
                      "its rows would be there twice");
    }
    if (inputs_.size() == kInputsMax) return Error(ErrorKind::kExhausted, "more than ", kInputsMax, " inputs");
    inputs_.push_back(std::move(input));
    return Status::OK();
  }

  const std::optional<InputFormat> format_;
  const UrlFinder& find_;
  std::vector<InputPath> inputs_;
  std::set<std::string> seen_;
};

}  // namespace

Status NothingFound(std::string_view what) {
  return WithHint(
      Error(ErrorKind::kNotFound, what),
      "files are found by their suffix (.parquet .csv .tsv .jsonl .ndjson .arrow …), or all with --input-format");
}

Result<std::vector<InputPath>> ExpandInputs(const std::vector<std::string>& paths, std::optional<InputFormat> format,
                                            const UrlFinder& find) {
  Expansion expansion(format, find);
  for (const std::string& path : paths) TRY(expansion.Add(path));
  return expansion.Take();
}

}  // namespace sleeper::exchange
