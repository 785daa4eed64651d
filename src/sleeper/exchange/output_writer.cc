#include "sleeper/exchange/output_writer.h"

#include <utility>

#include "sleeper/exchange/arrow_writer.h"
#include "sleeper/exchange/csv_writer.h"
#include "sleeper/exchange/json_lines_writer.h"
#include "sleeper/exchange/parquet_writer.h"
#include "sleeper/exchange/table_writer.h"

namespace sleeper::exchange {

Result<std::unique_ptr<OutputWriter>> OpenOutput(std::unique_ptr<OutputSink> sink, const OutputOptions& options,
                                                 std::shared_ptr<const columnar::Layout> layout,
                                                 const CallContext& call) {
  switch (options.format) {
    case OutputFormat::kTable:
      return OpenTableOutput(std::move(sink), std::move(layout), call);
    case OutputFormat::kCsv:
      return OpenCsvOutput(std::move(sink), options, std::move(layout), call);
    case OutputFormat::kJsonLines:
      return OpenJsonLinesOutput(std::move(sink), std::move(layout), call);
    case OutputFormat::kParquet:
      return OpenParquetOutput(std::move(sink), options, std::move(layout), call);
    case OutputFormat::kArrow:
      return OpenArrowOutput(std::move(sink), std::move(layout), call);
  }
  return Error(ErrorKind::kInternal, "no writer for this format");
}

}  // namespace sleeper::exchange
