#include "sleeper/exchange/json_lines_reader.h"

#include <optional>
#include <string>
#include <utility>

#include "sleeper/exchange/batch_builder.h"
#include "sleeper/exchange/counted_source.h"
#include "sleeper/exchange/json_row.h"
#include "sleeper/exchange/place.h"
#include "sleeper/exchange/text_lines.h"
#include "sleeper/exchange/text_source.h"

namespace sleeper::exchange {
namespace {

class JsonLinesReader final : public InputReader {
 public:
  JsonLinesReader(std::unique_ptr<InputSource> text, const CountedSource& counted, const InputOptions& options,
                  std::shared_ptr<const columnar::Layout> layout, const CallContext& call)
      : text_(std::move(text)),
        counted_(counted),
        lines_(*text_, options.record_bytes_max, call),
        builder_(options, layout),
        row_(builder_),
        layout_(std::move(layout)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }
  const std::string& name() const override { return text_->name(); }
  std::optional<int64_t> rows_total() const override { return std::nullopt; }
  std::optional<int64_t> bytes_total() const override { return counted_.size(); }
  int64_t bytes_read() const override { return counted_.bytes_read(); }
  const IgnoredColumns& ignored() const override { return row_.ignored(); }

  Result<std::optional<columnar::Batch>> Next() override {
    while (!builder_.full()) {
      TRY_ASSIGN(const std::optional<std::string_view> line, lines_.Next());
      if (!line) break;
      if (line->find_first_not_of(" \t") == std::string_view::npos) continue;
      ++row_number_;
      const Status read = row_.Read(*line);
      if (!read.ok()) [[unlikely]] {
        return Explained(read, *line);
      }
    }
    if (builder_.rows() == 0) return std::nullopt;
    return builder_.Finish();
  }

 private:
  Status Explained(const Status& failure, std::string_view line) const {
    const Place place{.input = name(), .row = row_number_, .column = row_.column(), .line = lines_.number()};
    const Status status = WithContext(failure, place.ToString());
    const char first = line[line.find_first_not_of(" \t")];
    if (row_number_ == 1 && (first == '[' || line == "{")) {
      return WithHint(status, "every line must be a JSON object of its own; jq -c can write them so");
    }
    return status;
  }

  const std::unique_ptr<InputSource> text_;
  const CountedSource& counted_;
  TextLines lines_;
  BatchBuilder builder_;
  JsonRow row_;
  const std::shared_ptr<const columnar::Layout> layout_;
  int64_t row_number_ = 0;
};

}  // namespace

Result<std::unique_ptr<InputReader>> OpenJsonLines(std::unique_ptr<InputSource> source, const InputOptions& options,
                                                   std::shared_ptr<const columnar::Layout> layout,
                                                   const CallContext& call) {
  auto counting = std::make_unique<CountedSource>(std::move(source));
  const CountedSource& counted = *counting;
  TRY_ASSIGN(auto text, OpenText(std::move(counting), call));
  return std::make_unique<JsonLinesReader>(std::move(text), counted, options, std::move(layout), call);
}

}  // namespace sleeper::exchange
