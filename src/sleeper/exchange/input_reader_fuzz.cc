#include <cstddef>
#include <cstdint>
#include <string>

#include "sleeper/base/check.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/exchange/testing/text_rows.h"

// The first byte picks the format; the rest is the input. Whatever is read must be valid, and whatever is refused must
// name the input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::exchange;
  if (size == 0) return 0;
  static const auto layout = LayoutOf(
      "k StringType key, v IntType nullable, d DateType nullable, t TimestampType nullable, f FloatType nullable, "
      "b ByteArrayType nullable, l List(IntType) nullable, m Map(StringType DoubleType) nullable");
  const InputOptions options{
      .format = static_cast<InputFormat>(data[0] % 4), .record_bytes_max = 1 << 16, .page_bytes_max = 1 << 20};
  const auto batches = ReadBatches(std::string(reinterpret_cast<const char*>(data) + 1, size - 1), options, layout);
  if (!batches.ok()) {
    SLEEPER_CHECK(batches.status().message().starts_with("input: "), batches.status().ToString());
    return 0;
  }
  for (const columnar::Batch& batch : *batches) {
    const auto checked = columnar::Batch::Make(layout, batch.arrow());
    SLEEPER_CHECK(checked.ok(), checked.status().ToString());
  }
  return 0;
}
