#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/check.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/exchange/testing/text_rows.h"

namespace sleeper::exchange {
namespace {

/// Bit 0 of the first byte picks the format; the others change what is asked for.
InputOptions OptionsOf(uint8_t byte) {
  InputOptions options{.format = byte % 2 == 0 ? InputFormat::kCsv : InputFormat::kJsonLines,
                       .record_bytes_max = 1 << 16};
  if ((byte & 2) != 0) options.csv.delimiter = '\t';
  if ((byte & 4) != 0) options.csv.null_values = {"NA", "-"};
  if ((byte & 8) != 0) options.batch_rows_max = 2;
  if ((byte & 16) != 0) options.batch_bytes_max = 64;
  return options;
}

}  // namespace
}  // namespace sleeper::exchange

// The first byte says how the rest is read, as CSV or as JSON lines. What is read can be written as JSON lines, and is
// read from those as the same rows; what is refused names the input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::exchange;
  if (size == 0) return 0;
  static const auto layout = LayoutOf(
      "k StringType key, v IntType nullable, g LongType nullable, d DateType nullable, t TimestampType nullable, "
      "o BooleanType nullable, f FloatType nullable, b ByteArrayType nullable, l List(IntType) nullable, "
      "m Map(StringType DoubleType) nullable");
  const auto batches =
      ReadBatches(std::string(reinterpret_cast<const char*>(data) + 1, size - 1), OptionsOf(data[0]), layout);
  if (!batches.ok()) {
    SLEEPER_CHECK(batches.status().message().starts_with("input: "), batches.status().ToString());
    return 0;
  }
  for (const columnar::Batch& batch : *batches) {
    const auto checked = columnar::Batch::Make(layout, batch.arrow());
    SLEEPER_CHECK(checked.ok(), checked.status().ToString());
  }
  const std::string written = ToJsonLines(*batches, layout);
  if (written.empty()) return 0;
  const Result<std::string> again = ReadRows(written, {.format = InputFormat::kJsonLines}, layout);
  SLEEPER_CHECK(again.ok() && *again == written, "other rows are read than were written: ", written);
  return 0;
}
