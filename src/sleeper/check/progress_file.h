#pragma once

#include <cstdio>
#include <memory>
#include <set>
#include <string>

#include "sleeper/base/mutex.h"
#include "sleeper/base/status.h"
#include "sleeper/check/verified_files.h"

namespace sleeper::check {

/// Keeps them in a local file: docs/formats/check-progress.md. Thread-safe.
class ProgressFile final : public VerifiedFiles {
 public:
  /// Makes the file, or goes on with one that is there. kInvalid if it is something else, or of another table.
  static Result<std::unique_ptr<ProgressFile>> Open(const std::string& path, const model::TableId& table);

  struct Closer {
    void operator()(std::FILE* stream) const { std::fclose(stream); }
  };
  using Stream = std::unique_ptr<std::FILE, Closer>;
  /// For Open.
  ProgressFile(std::string path, Stream stream, std::set<model::FileId> files)
      : path_(std::move(path)), stream_(std::move(stream)), files_(std::move(files)) {}

  bool Contains(const model::FileId& file) const override;
  Status Add(const model::FileId& file) override;

  /// Deletes it: the check is complete, and the next one begins anew. A file that cannot be deleted is emptied instead.
  Status Remove();

 private:
  const std::string path_;
  mutable Mutex mutex_;
  const Stream stream_;
  std::set<model::FileId> files_ SLEEPER_GUARDED_BY(mutex_);
};

}  // namespace sleeper::check
