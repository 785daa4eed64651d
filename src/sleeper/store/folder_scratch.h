#pragma once

#include <memory>
#include <string>

#include "sleeper/base/random.h"
#include "sleeper/store/posix_file.h"
#include "sleeper/store/scratch.h"
#include "sleeper/store/scratch_budget.h"

namespace sleeper::store {

struct FolderScratchOptions {
  /// Where to make a folder for this space; made if it does not exist.
  std::string parent;
  int64_t bytes_max = 0;
};

/// Scratch space in files of a local folder. Thread-safe.
///
/// Each space has a folder of its own, "sleeper-scratch-<process>-<random>", which it holds a lock on as long as it
/// lives. The lock goes with the process, however that ends, so whoever opens a space next to it removes the folders
/// without one.
class FolderScratch final : public ScratchSpace {
 public:
  /// `random` must outlive the space.
  static Result<std::unique_ptr<FolderScratch>> Open(const FolderScratchOptions& options, Random& random);

  /// REQUIRES: `folder` is a locked folder of this space alone. Open sees to that.
  FolderScratch(std::string folder, FileDescriptor lock, int64_t bytes_max, Random& random);
  ~FolderScratch() override;

  Result<std::unique_ptr<ScratchWriter>> NewRun(const CallContext& call) override;
  int64_t bytes_used() const override { return budget_.bytes_used(); }
  int64_t bytes_max() const override { return budget_.bytes_max(); }

  /// The folder of this space.
  const std::string& folder() const { return folder_; }

 private:
  const std::string folder_;
  const FileDescriptor lock_;
  Random& random_;
  ScratchBudget budget_;
};

}  // namespace sleeper::store
