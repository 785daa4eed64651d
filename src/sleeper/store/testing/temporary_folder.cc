#include "sleeper/store/testing/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "sleeper/base/check.h"

namespace sleeper::store {

TemporaryFolder::TemporaryFolder() : path_(std::filesystem::temp_directory_path() / "sleeper-test-XXXXXX") {
  SLEEPER_CHECK(mkdtemp(path_.data()) != nullptr, "cannot make ", path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace sleeper::store
