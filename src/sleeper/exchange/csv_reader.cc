#include "sleeper/exchange/csv_reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sleeper/base/utf8.h"
#include "sleeper/exchange/batch_builder.h"
#include "sleeper/exchange/column_match.h"
#include "sleeper/exchange/counted_source.h"
#include "sleeper/exchange/csv_records.h"
#include "sleeper/exchange/place.h"
#include "sleeper/exchange/text_source.h"

namespace sleeper::exchange {
namespace {

class CsvReader final : public InputReader {
 public:
  CsvReader(std::unique_ptr<InputSource> text, const CountedSource& counted, const InputOptions& options,
            std::shared_ptr<const columnar::Layout> layout, const CallContext& call)
      : text_(std::move(text)),
        counted_(counted),
        null_values_(options.csv.null_values),
        records_(*text_, options.csv.delimiter, options.record_bytes_max, call),
        builder_(options, layout),
        layout_(std::move(layout)) {}

  Status ReadHeader() {
    TRY_ASSIGN(const bool found, records_.Next());
    if (!found) return Error(ErrorKind::kInvalid, name(), ": there is no header: the file holds empty lines only");
    if (records_.field_count() > static_cast<int64_t>(kCsvFieldsMax)) {
      return Error(ErrorKind::kInvalid, name(), ": the header has more than ", kCsvFieldsMax,
                   " fields: ", records_.field_count());
    }
    std::vector<std::string> names;
    for (const CsvField& field : records_.fields()) {
      if (!IsUtf8(field.text)) return Error(ErrorKind::kInvalid, name(), ": the header is not valid UTF-8");
      names.emplace_back(field.text);
    }
    columns_ = names.size();
    records_.KeepAtMost(columns_);
    TRY_ASSIGN(match_, MatchColumns(name(), names, *layout_));
    // So is written a row of nothing but a null.
    if (columns_ == 1 && layout_->columns() == 1 && layout_->field(0).nullable && IsNull(CsvField{})) {
      records_.KeepEmptyLines();
    }
    return Status::OK();
  }

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }
  const std::string& name() const override { return text_->name(); }
  std::optional<int64_t> rows_total() const override { return std::nullopt; }
  std::optional<int64_t> bytes_total() const override { return counted_.size(); }
  int64_t bytes_read() const override { return counted_.bytes_read(); }
  const IgnoredColumns& ignored() const override { return match_.ignored; }

  Result<std::optional<columnar::Batch>> Next() override {
    while (!builder_.full()) {
      TRY_ASSIGN(const bool found, records_.Next());
      if (!found) break;
      ++row_;
      TRY(AppendRow());
    }
    if (builder_.rows() == 0) return std::nullopt;
    return builder_.Finish();
  }

 private:
  Place PlaceOf(std::string_view column) const {
    return {.input = name(), .row = row_, .column = column, .line = records_.line()};
  }

  Status AppendRow() {
    const std::vector<CsvField>& fields = records_.fields();
    if (records_.field_count() != static_cast<int64_t>(columns_)) {
      return PlaceOf("").Refuse("the number of fields differs from the header's",
                                std::to_string(records_.field_count()) + " instead of " + std::to_string(columns_));
    }
    for (int column = 0; column < layout_->columns(); ++column) {
      TRY(AppendValue(column, fields[static_cast<size_t>(match_.source_of[static_cast<size_t>(column)])]));
    }
    builder_.EndRow();
    return Status::OK();
  }

  Status AppendValue(int column, const CsvField& value) {
    const model::Field& field = layout_->field(column);
    if (IsNull(value)) {
      if (field.nullable) return builder_.column(column).AppendNull();
      return WithHint(PlaceOf(field.name).Refuse("null in a field that is not nullable"),
                      field.type == model::TypeKind::kString ? "an empty text is written as \"\"" : "");
    }
    const Status appended = builder_.column(column).AppendField(value.text);
    if (appended.ok()) [[likely]] {
      return appended;
    }
    return WithContext(appended, PlaceOf(field.name).ToString());
  }

  bool IsNull(const CsvField& value) const {
    return !value.quoted && std::find(null_values_.begin(), null_values_.end(), value.text) != null_values_.end();
  }

  const std::unique_ptr<InputSource> text_;
  const CountedSource& counted_;
  const std::vector<std::string> null_values_;
  CsvRecords records_;
  BatchBuilder builder_;
  const std::shared_ptr<const columnar::Layout> layout_;
  ColumnMatch match_;
  size_t columns_ = 0;
  int64_t row_ = 0;
};

Status CheckDialect(const CsvDialect& dialect) {
  if (dialect.delimiter == '"' || dialect.delimiter == '\n' || dialect.delimiter == '\r' || dialect.delimiter == '\0') {
    return Error(ErrorKind::kInvalid, "this character cannot be the delimiter of CSV: ",
                 ShownValue(std::string_view(&dialect.delimiter, 1)));
  }
  return Status::OK();
}

}  // namespace

Result<std::unique_ptr<InputReader>> OpenCsv(std::unique_ptr<InputSource> source, const InputOptions& options,
                                             std::shared_ptr<const columnar::Layout> layout, const CallContext& call) {
  TRY(CheckDialect(options.csv));
  auto counting = std::make_unique<CountedSource>(std::move(source));
  const CountedSource& counted = *counting;
  TRY_ASSIGN(auto text, OpenText(std::move(counting), call));
  auto reader = std::make_unique<CsvReader>(std::move(text), counted, options, std::move(layout), call);
  TRY(reader->ReadHeader());
  return reader;
}

}  // namespace sleeper::exchange
