#include "sleeper/exchange/table_writer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "sleeper/base/printable_text.h"
#include "sleeper/exchange/value_writer.h"
#include "sleeper/model/key_value.h"

namespace sleeper::exchange {
namespace {

/// How many rows are kept to find the widths.
constexpr size_t kMeasuredRowsMax = 1'000;
constexpr size_t kMeasuredBytesMax = size_t{1} << 20;
/// No column is made wider than this for the sake of a few long values.
constexpr size_t kWidthMax = 60;
constexpr std::string_view kGap = "  ";
constexpr std::string_view kNull = "null";

// The number of characters, as most terminals count them.
size_t WidthOf(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

class TableWriter final : public OutputWriter {
 public:
  TableWriter(std::unique_ptr<OutputSink> sink, std::shared_ptr<const columnar::Layout> layout, const CallContext& call)
      : sink_(std::move(sink)), layout_(std::move(layout)), call_(call) {
    Row header;
    for (int column = 0; column < layout_->columns(); ++column) {
      writers_.push_back(ValueWriter::Make(layout_->field(column).type));
      header.push_back(PrintableText(layout_->field(column).name));
      widths_.push_back(WidthOf(header.back()));
    }
    measured_.push_back(std::move(header));
  }

  Status Write(const columnar::Batch& batch) override {
    const arrow::ArrayVector& columns = batch.arrow()->columns();
    std::string text;
    for (int64_t row = 0; row < batch.rows(); ++row) {
      Row cells = CellsOf(columns, row);
      if (measuring_) {
        Measure(std::move(cells));
        if (measured_.size() > kMeasuredRowsMax || measured_bytes_ > kMeasuredBytesMax) EndMeasuring(text);
      } else {
        AppendRow(text, cells);
      }
    }
    return sink_->Append(text, call_);
  }

  Status Finish() override {
    std::string text;
    if (measuring_) EndMeasuring(text);
    TRY(sink_->Append(text, call_));
    return sink_->Finish(call_);
  }

 private:
  using Row = std::vector<std::string>;

  Row CellsOf(const arrow::ArrayVector& columns, int64_t row) const {
    Row cells;
    std::string plain;
    for (size_t column = 0; column < columns.size(); ++column) {
      std::string& cell = cells.emplace_back();
      if (columns[column]->IsNull(row)) {
        cell = kNull;
        continue;
      }
      plain.clear();
      AppendValue(plain, static_cast<int>(column), *columns[column], row);
      cell = PrintableText(plain);
    }
    return cells;
  }

  // Bytes as the command line takes them for keys.
  void AppendValue(std::string& out, int column, const arrow::Array& values, int64_t row) const {
    if (layout_->field(column).type == model::TypeKind::kBytes) {
      out +=
          model::FormatKeyValue(model::Bytes{std::string(static_cast<const arrow::BinaryArray&>(values).GetView(row))});
    } else {
      writers_[static_cast<size_t>(column)]->AppendPlain(out, values, row);
    }
  }

  void Measure(Row cells) {
    for (size_t column = 0; column < cells.size(); ++column) {
      widths_[column] = std::max(widths_[column], std::min(WidthOf(cells[column]), kWidthMax));
      measured_bytes_ += cells[column].size();
    }
    measured_.push_back(std::move(cells));
  }

  void EndMeasuring(std::string& text) {
    measuring_ = false;
    AppendRow(text, measured_.front());
    Row line;
    for (const size_t width : widths_) line.emplace_back(width, '-');
    AppendRow(text, line);
    for (size_t row = 1; row < measured_.size(); ++row) AppendRow(text, measured_[row]);
    measured_.clear();
  }

  void AppendRow(std::string& text, const Row& cells) const {
    for (size_t column = 0; column < cells.size(); ++column) {
      const bool last = column + 1 == cells.size();
      const size_t width = WidthOf(cells[column]);
      const size_t padding = widths_[column] > width ? widths_[column] - width : 0;
      const bool right = writers_[column]->is_number();
      if (right) text.append(padding, ' ');
      text += cells[column];
      if (!right && !last) text.append(padding, ' ');
      if (!last) text += kGap;
    }
    text += '\n';
  }

  const std::unique_ptr<OutputSink> sink_;
  const std::shared_ptr<const columnar::Layout> layout_;
  const CallContext call_;
  std::vector<std::unique_ptr<ValueWriter>> writers_;
  std::vector<size_t> widths_;
  /// The header and the first rows, while the widths are not yet fixed.
  std::vector<Row> measured_;
  size_t measured_bytes_ = 0;
  bool measuring_ = true;
};

}  // namespace

Result<std::unique_ptr<OutputWriter>> OpenTableOutput(std::unique_ptr<OutputSink> sink,
                                                      std::shared_ptr<const columnar::Layout> layout,
                                                      const CallContext& call) {
  return std::make_unique<TableWriter>(std::move(sink), std::move(layout), call);
}

}  // namespace sleeper::exchange
