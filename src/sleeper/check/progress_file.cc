#include "sleeper/check/progress_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "sleeper/state/layout.h"

namespace sleeper::check {
namespace {

std::string HeaderOf(const model::TableId& table) { return "sleeper check 1 " + table.value() + "\n"; }

Status Failed(const std::string& what, const std::string& path) {
  return Error(ErrorKind::kInvalid, what, " ", path, ": ", std::generic_category().message(errno));
}

/// The whole file; nothing if there is none.
std::optional<std::string> ReadText(const std::string& path) {
  std::ifstream input(path, std::ios::binary);
  if (!input) return std::nullopt;
  std::ostringstream text;
  text << input.rdbuf();
  return text.str();
}

}  // namespace

Result<std::unique_ptr<ProgressFile>> ProgressFile::Open(const std::string& path, const model::TableId& table) {
  const std::string header = HeaderOf(table);
  const std::optional<std::string> text = ReadText(path);
  std::set<model::FileId> files;
  const bool goes_on = text && !text->empty();
  if (goes_on) {
    if (!text->starts_with(header)) {
      return WithHint(Error(ErrorKind::kInvalid, path, " is not the progress of a check of this table"),
                      "name a file that is not there yet");
    }
    std::istringstream lines(text->substr(header.size()));
    // A line without an end was being written when the process died; the file that it names is read again.
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
      model::FileId file(line);
      if (state::BirthOf(file)) files.insert(std::move(file));
    }
  }
  Stream stream(std::fopen(path.c_str(), "ab"));
  if (stream == nullptr) return Failed("cannot write", path);
  const bool is_torn = goes_on && !text->ends_with('\n');
  if (!goes_on || is_torn) {
    const std::string begin = goes_on ? "\n" : header;
    if (std::fputs(begin.c_str(), stream.get()) < 0 || std::fflush(stream.get()) != 0) {
      return Failed("cannot write", path);
    }
  }
  return std::make_unique<ProgressFile>(path, std::move(stream), std::move(files));
}

bool ProgressFile::Contains(const model::FileId& file) const {
  MutexLock lock(mutex_);
  return files_.contains(file);
}

Status ProgressFile::Add(const model::FileId& file) {
  MutexLock lock(mutex_);
  if (!files_.insert(file).second) return Status::OK();
  const std::string line = file.value() + "\n";
  if (std::fputs(line.c_str(), stream_.get()) < 0 || std::fflush(stream_.get()) != 0) {
    return Failed("cannot write", path_);
  }
  return Status::OK();
}

Status ProgressFile::Remove() {
  std::error_code failure;
  std::filesystem::remove(path_, failure);
  if (!failure) return Status::OK();
  MutexLock lock(mutex_);
  if (ftruncate(fileno(stream_.get()), 0) == 0) return Status::OK();
  return Error(ErrorKind::kInvalid, "cannot delete ", path_, ": ", failure.message());
}

}  // namespace sleeper::check
