#include "sleeper/exchange/csv_records.h"

#include <algorithm>

#include "sleeper/exchange/place.h"

namespace sleeper::exchange {
namespace {

// Removes every second of the doubled quotes, in place; answers the new length.
size_t WithoutDoubledQuotes(char* text, size_t size) {
  size_t kept = 0;
  for (size_t i = 0; i < size; ++i) {
    text[kept++] = text[i];
    if (text[i] == '"') ++i;
  }
  return kept;
}

}  // namespace

Result<bool> CsvRecords::Next() {
  window_.Use(record_size_);
  record_size_ = 0;
  TRY_ASSIGN(const bool more, PassEmptyLines());
  if (!more) return false;
  line_ = next_line_;
  TRY(FindRecord());
  next_line_ += record_lines_;
  TakeFields();
  return true;
}

// False at the end of the text.
Result<bool> CsvRecords::PassEmptyLines() {
  for (;;) {
    const std::string_view text = window_.view();
    // A CR at the very end of the window may be half of a CR LF.
    if (text.empty() || (text.front() == '\r' && text.size() == 1)) {
      const bool empty = text.empty();
      TRY_ASSIGN(const bool grown, window_.Grow());
      if (!grown) return keeps_empty_lines_ && !empty;
      continue;
    }
    if (keeps_empty_lines_ || (text.front() != '\n' && text.front() != '\r')) return true;
    window_.Use(text.starts_with("\r\n") ? 2 : 1);
    ++next_line_;
  }
}

void CsvRecords::AddField(const Span& span) {
  ++field_count_;
  if (spans_.size() < fields_max_) spans_.push_back(span);
}

Status CsvRecords::FindRecord() {
  bool at_end = false;
  for (;;) {
    TRY_ASSIGN(const Scan scan, ScanRecord(at_end));
    if (scan == Scan::kRecord) return Status::OK();
    TRY_ASSIGN(const bool grown, window_.Grow());
    at_end = !grown;
  }
}

// Finds the fields of the record at the start of the window. Always finds the record if `at_end`.
Result<CsvRecords::Scan> CsvRecords::ScanRecord(bool at_end) {
  const char* text = window_.data();
  const size_t size = window_.size();
  spans_.clear();
  field_count_ = 0;
  record_lines_ = 1;
  size_t position = 0;
  for (;;) {
    if (position < size && text[position] == '"') {
      TRY_ASSIGN(const Scan scan, ScanQuoted(position, at_end));
      if (scan == Scan::kNeedsMore) return scan;
    } else {
      const size_t begin = position;
      while (position < size && text[position] != delimiter_ && text[position] != '\n' && text[position] != '\r')
        ++position;
      AddField({.begin = begin, .end = position});
    }
    if (position == size) {
      record_size_ = size;
      return at_end ? Scan::kRecord : Scan::kNeedsMore;
    }
    const char ending = text[position++];
    if (ending == delimiter_) continue;
    if (ending == '\r') {
      if (position == size && !at_end) return Scan::kNeedsMore;
      if (position < size && text[position] == '\n') ++position;
    }
    record_size_ = position;
    return Scan::kRecord;
  }
}

// Reads the quoted field that begins at `position`, and moves behind its closing quote.
Result<CsvRecords::Scan> CsvRecords::ScanQuoted(size_t& position, bool at_end) {
  const char* text = window_.data();
  const size_t size = window_.size();
  Span span{.begin = position + 1, .quoted = true};
  const int64_t line_of_quote = line_ + record_lines_ - 1;
  for (++position;; ++position) {
    if (position == size) {
      if (!at_end) return Scan::kNeedsMore;
      return Error(ErrorKind::kInvalid, name_, ": line ", line_of_quote, ": a quote is not closed");
    }
    if (text[position] == '\n') ++record_lines_;
    if (text[position] != '"') continue;
    if (position + 1 == size && !at_end) return Scan::kNeedsMore;
    if (position + 1 < size && text[position + 1] == '"') {
      span.doubled_quotes = true;
      ++position;
      continue;
    }
    break;
  }
  span.end = position++;
  if (position < size && text[position] != delimiter_ && text[position] != '\n' && text[position] != '\r') {
    const std::string_view rest(text + position, std::min<size_t>(size - position, 20));
    return WithHint(Error(ErrorKind::kInvalid, name_, ": line ", line_ + record_lines_ - 1,
                          ": text follows a closing quote: ", ShownValue(rest.substr(0, rest.find('\n')))),
                    "inside a quoted field a quote is written twice");
  }
  AddField(span);
  return Scan::kRecord;
}

void CsvRecords::TakeFields() {
  fields_.clear();
  char* text = window_.data();
  for (const Span& span : spans_) {
    size_t size = span.end - span.begin;
    if (span.doubled_quotes) size = WithoutDoubledQuotes(text + span.begin, size);
    fields_.push_back({.text = {text + span.begin, size}, .quoted = span.quoted});
  }
}

}  // namespace sleeper::exchange
