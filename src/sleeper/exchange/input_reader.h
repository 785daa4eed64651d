#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/exchange/format.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/store/scratch.h"

namespace sleeper::exchange {

/// The columns of an input that the table does not have.
struct IgnoredColumns {
  /// More names than this are counted only.
  static constexpr size_t kNamesMax = 100;

  int64_t count = 0;
  std::vector<std::string> names;

  void Add(std::string_view name);
};

struct CsvDialect {
  char delimiter = ',';
  /// Unquoted fields that stand for null. A quoted field never does.
  std::vector<std::string> null_values = {""};
};

/// Who reads the pages of flat Parquet columns: our own decoder wherever it can, or libparquet, which reads the same
/// more slowly and is there for comparison.
enum class FlatPages { kOwn, kLibrary };

struct InputOptions {
  InputFormat format = InputFormat::kParquet;
  CsvDialect csv;
  /// A batch ends at whichever comes first; a single row may be larger.
  int64_t batch_rows_max = 16'384;
  int64_t batch_bytes_max = int64_t{8} << 20;
  /// A line of JSON or a CSV record longer than this is refused.
  int64_t record_bytes_max = int64_t{64} << 20;
  /// A page of a Parquet column that promises to become larger, or has more values than a 16th of this, is refused
  /// before it is decompressed.
  int64_t page_bytes_max = int64_t{256} << 20;
  FlatPages flat_pages = FlatPages::kOwn;
  /// Keeps what arrives through a pipe in a format that has to be read from its end (Parquet, Arrow files). Without it
  /// such an input is refused.
  store::ScratchSpace* scratch = nullptr;
};

/// One foreign input as batches of a layout, in the order of the input, which is not key order. Columns are matched by
/// name. Memory is a batch, and for Parquet a page of each column. Every failure names the input; bad content is
/// kInvalid and names row and column too. Confined.
class InputReader : public rows::RowStream {
 public:
  /// What messages call the input.
  virtual const std::string& name() const = 0;

  /// The number of rows, if the format tells it ahead.
  virtual std::optional<int64_t> rows_total() const = 0;

  /// The size of the input, if it is known, and how much of it has been read.
  virtual std::optional<int64_t> bytes_total() const = 0;
  virtual int64_t bytes_read() const = 0;

  /// The columns that were passed over; complete once the last batch has been read.
  virtual const IgnoredColumns& ignored() const = 0;
};

/// Opens an input. kInvalid if it is empty, damaged, in another format, or lacks a column of the layout, nullable or
/// not; only members of JSON objects may be absent where the field is nullable. What `options` and `call` point at must
/// outlive the reader.
Result<std::unique_ptr<InputReader>> OpenInput(std::unique_ptr<InputSource> source, const InputOptions& options,
                                               std::shared_ptr<const columnar::Layout> layout, const CallContext& call);

}  // namespace sleeper::exchange
