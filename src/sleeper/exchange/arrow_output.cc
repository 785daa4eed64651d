#include "sleeper/exchange/arrow_output.h"

#include <arrow/io/interfaces.h>

namespace sleeper::exchange {
namespace {

class SinkStream final : public arrow::io::OutputStream {
 public:
  SinkStream(OutputSink& sink, const CallContext& call) : sink_(sink), call_(call) {}

  using arrow::io::OutputStream::Write;

  Status Close() override {
    closed_ = true;
    return Status::OK();
  }
  bool closed() const override { return closed_; }
  Result<int64_t> Tell() const override { return position_; }
  Status Write(const void* data, int64_t size) override {
    TRY(sink_.Append({static_cast<const char*>(data), static_cast<size_t>(size)}, call_));
    position_ += size;
    return Status::OK();
  }

 private:
  OutputSink& sink_;
  const CallContext call_;
  int64_t position_ = 0;
  bool closed_ = false;
};

}  // namespace

std::shared_ptr<arrow::io::OutputStream> ToArrowStream(OutputSink& sink, const CallContext& call) {
  return std::make_shared<SinkStream>(sink, call);
}

}  // namespace sleeper::exchange
