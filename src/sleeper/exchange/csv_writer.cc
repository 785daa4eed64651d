#include "sleeper/exchange/csv_writer.h"

#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "sleeper/exchange/value_writer.h"

namespace sleeper::exchange {
namespace {

class CsvWriter final : public OutputWriter {
 public:
  CsvWriter(std::unique_ptr<OutputSink> sink, char delimiter, std::shared_ptr<const columnar::Layout> layout,
            const CallContext& call)
      : sink_(std::move(sink)),
        delimiter_(delimiter),
        special_({delimiter, '"', '\n', '\r'}),
        layout_(std::move(layout)),
        call_(call) {
    for (int column = 0; column < layout_->columns(); ++column) {
      writers_.push_back(ValueWriter::Make(layout_->field(column).type));
    }
  }

  Status WriteHeader() {
    std::string text;
    for (int column = 0; column < layout_->columns(); ++column) {
      if (column > 0) text += delimiter_;
      AppendField(text, layout_->field(column).name);
    }
    text += '\n';
    return sink_->Append(text, call_);
  }

  Status Write(const columnar::Batch& batch) override {
    const arrow::ArrayVector& columns = batch.arrow()->columns();
    std::string text;
    for (int64_t row = 0; row < batch.rows(); ++row) {
      AppendRow(text, columns, row);
      if (text.size() >= kTextBytes) {
        TRY(sink_->Append(text, call_));
        text.clear();
      }
    }
    return sink_->Append(text, call_);
  }

  Status Finish() override { return sink_->Finish(call_); }

 private:
  static constexpr size_t kTextBytes = size_t{256} << 10;

  void AppendRow(std::string& text, const arrow::ArrayVector& columns, int64_t row) {
    for (int column = 0; column < layout_->columns(); ++column) {
      if (column > 0) text += delimiter_;
      const arrow::Array& values = *columns[static_cast<size_t>(column)];
      if (values.IsNull(row)) continue;
      value_.clear();
      writers_[static_cast<size_t>(column)]->AppendPlain(value_, values, row);
      AppendField(text, value_);
    }
    text += '\n';
  }

  // Without quotes an empty field would be null.
  void AppendField(std::string& text, std::string_view value) const {
    if (!value.empty() && value.find_first_of(special_) == std::string_view::npos) {
      text += value;
      return;
    }
    text += '"';
    for (const char byte : value) {
      if (byte == '"') text += '"';
      text += byte;
    }
    text += '"';
  }

  const std::unique_ptr<OutputSink> sink_;
  const char delimiter_;
  /// What a field cannot hold without quotes.
  const std::string special_;
  const std::shared_ptr<const columnar::Layout> layout_;
  const CallContext call_;
  std::vector<std::unique_ptr<ValueWriter>> writers_;
  std::string value_;
};

}  // namespace

Result<std::unique_ptr<OutputWriter>> OpenCsvOutput(std::unique_ptr<OutputSink> sink, const OutputOptions& options,
                                                    std::shared_ptr<const columnar::Layout> layout,
                                                    const CallContext& call) {
  auto writer = std::make_unique<CsvWriter>(std::move(sink), options.csv_delimiter, std::move(layout), call);
  TRY(writer->WriteHeader());
  return writer;
}

}  // namespace sleeper::exchange
