#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sleeper/base/call_context.h"
#include "sleeper/base/status.h"
#include "sleeper/exchange/input_source.h"
#include "sleeper/exchange/text_window.h"

namespace sleeper::exchange {

/// More fields than this in one record are counted, but not kept.
inline constexpr size_t kCsvFieldsMax = 100'000;

struct CsvField {
  std::string_view text;
  bool quoted = false;
};

/// Takes CSV text apart into records of fields. A field that begins with a quote ends at the next single one and may
/// hold delimiters, line ends and, doubled, quotes; any other field is taken as it stands. A record ends with LF, CR
/// LF, CR or the end of the text; empty lines are passed over, unless they are kept. Confined.
class CsvRecords {
 public:
  /// The source must outlive the records.
  CsvRecords(InputSource& source, char delimiter, int64_t record_bytes_max, const CallContext& call)
      : name_(source.name()), delimiter_(delimiter), window_(source, record_bytes_max, call) {}

  /// Moves to the next record; false at the end. kInvalid, naming the line, for a quote that is not closed or that is
  /// followed by something else than a delimiter.
  Result<bool> Next();

  /// The fields of the record that are kept, from the first; valid until the next call of Next().
  const std::vector<CsvField>& fields() const { return fields_; }

  /// How many fields the record has, also those that are not kept.
  int64_t field_count() const { return field_count_; }

  /// Keeps only so many fields of the records to come: what a record of separators alone makes of them takes far more
  /// memory than its text.
  void KeepAtMost(size_t fields) { fields_max_ = fields; }

  /// Empty lines to come are records of one empty field, instead of being passed over.
  void KeepEmptyLines() { keeps_empty_lines_ = true; }

  /// The line on which the record begins, from 1.
  int64_t line() const { return line_; }

 private:
  struct Span {
    size_t begin = 0;
    size_t end = 0;
    bool quoted = false;
    bool doubled_quotes = false;
  };

  enum class Scan { kRecord, kNeedsMore };

  void AddField(const Span& span);
  Status FindRecord();
  Result<Scan> ScanRecord(bool at_end);
  Result<Scan> ScanQuoted(size_t& position, bool at_end);
  Result<bool> PassEmptyLines();
  void TakeFields();

  const std::string name_;
  const char delimiter_;
  TextWindow window_;
  size_t fields_max_ = kCsvFieldsMax;
  bool keeps_empty_lines_ = false;
  int64_t field_count_ = 0;
  std::vector<Span> spans_;
  std::vector<CsvField> fields_;
  /// The length of the record in the window, with its line end, and the lines that it takes.
  size_t record_size_ = 0;
  int64_t record_lines_ = 0;
  int64_t line_ = 1;
  int64_t next_line_ = 1;
};

}  // namespace sleeper::exchange
