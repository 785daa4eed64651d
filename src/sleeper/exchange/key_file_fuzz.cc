#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/exchange/key_file.h"
#include "sleeper/exchange/testing/text_rows.h"

// The input is a file of keys or of split points. What is refused names the input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::exchange;
  static const auto tuples = LayoutOf("s StringType key, n LongType key, d DateType key, v IntType");
  static const auto texts = LayoutOf("s StringType key, v IntType");
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto& layout : {tuples, texts}) {
    const auto source = [&] { return MakeBufferSource(Buffer::CopyOf(bytes), "input"); };
    const Result<std::vector<model::KeyTuple>> keys = ReadKeyFile(source(), layout->schema(), {});
    SLEEPER_CHECK(keys.ok() || keys.status().message().starts_with("input: "), keys.status().ToString());
    const Result<std::vector<model::KeyTuple>> points = ReadSplitPoints(source(), layout->schema(), {});
    SLEEPER_CHECK(points.ok() || points.status().message().starts_with("input: "), points.status().ToString());
    for (size_t i = 1; points.ok() && i < points->size(); ++i) {
      SLEEPER_CHECK((*points)[i - 1] < (*points)[i], "split points are out of order");
    }
  }
  return 0;
}
