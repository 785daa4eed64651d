#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sleeper/base/check.h"
#include "sleeper/state/instance_file.h"

// The input is sleeper.json. What is read is written and read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::state;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<InstanceFile> file = ParseInstanceFile(text);
  if (!file.ok()) {
    SLEEPER_CHECK(IsKind(file.status(), ErrorKind::kCorrupt) || IsKind(file.status(), ErrorKind::kInvalid),
                  file.status().ToString());
    return 0;
  }
  const Result<InstanceFile> again = ParseInstanceFile(WriteInstanceFile(*file));
  SLEEPER_CHECK(again.ok() && *again == *file, "another instance is read than was written");
  return 0;
}
