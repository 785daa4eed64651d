#include "sleeper/exchange/input_reader.h"

#include <utility>

#include "sleeper/exchange/arrow_reader.h"
#include "sleeper/exchange/csv_reader.h"
#include "sleeper/exchange/json_lines_reader.h"
#include "sleeper/exchange/parquet_reader.h"

namespace sleeper::exchange {

void IgnoredColumns::Add(std::string_view name) {
  ++count;
  if (names.size() < kNamesMax) names.emplace_back(name);
}

Result<std::unique_ptr<InputReader>> OpenInput(std::unique_ptr<InputSource> source, const InputOptions& options,
                                               std::shared_ptr<const columnar::Layout> layout,
                                               const CallContext& call) {
  SLEEPER_CHECK(options.batch_rows_max > 0 && options.batch_bytes_max > 0, "a batch holds at least a row");
  switch (options.format) {
    case InputFormat::kParquet:
      return OpenParquet(std::move(source), options, std::move(layout), call);
    case InputFormat::kCsv:
      return OpenCsv(std::move(source), options, std::move(layout), call);
    case InputFormat::kJsonLines:
      return OpenJsonLines(std::move(source), options, std::move(layout), call);
    case InputFormat::kArrow:
      return OpenArrow(std::move(source), options, std::move(layout), call);
  }
  return Error(ErrorKind::kInternal, "no reader for this format");
}

}  // namespace sleeper::exchange
