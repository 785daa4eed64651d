#include "sleeper/exchange/json_lines_writer.h"

#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "sleeper/exchange/value_writer.h"

namespace sleeper::exchange {
namespace {

class JsonLinesWriter final : public OutputWriter {
 public:
  JsonLinesWriter(std::unique_ptr<OutputSink> sink, const columnar::Layout& layout, const CallContext& call)
      : sink_(std::move(sink)), call_(call) {
    for (int column = 0; column < layout.columns(); ++column) {
      Member member{.lead = column == 0 ? "{" : ",", .writer = ValueWriter::Make(layout.field(column).type)};
      AppendJsonString(member.lead, layout.field(column).name);
      member.lead += ':';
      members_.push_back(std::move(member));
    }
  }

  Status Write(const columnar::Batch& batch) override {
    const arrow::ArrayVector& columns = batch.arrow()->columns();
    std::string text;
    for (int64_t row = 0; row < batch.rows(); ++row) {
      for (size_t column = 0; column < members_.size(); ++column) {
        text += members_[column].lead;
        members_[column].writer->AppendJson(text, *columns[column], row);
      }
      text += "}\n";
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

  struct Member {
    /// What stands before the value.
    std::string lead;
    std::unique_ptr<ValueWriter> writer;
  };

  const std::unique_ptr<OutputSink> sink_;
  const CallContext call_;
  std::vector<Member> members_;
};

}  // namespace

Result<std::unique_ptr<OutputWriter>> OpenJsonLinesOutput(std::unique_ptr<OutputSink> sink,
                                                          std::shared_ptr<const columnar::Layout> layout,
                                                          const CallContext& call) {
  return std::make_unique<JsonLinesWriter>(std::move(sink), *layout, call);
}

}  // namespace sleeper::exchange
