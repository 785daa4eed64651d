#include "sleeper/exchange/arrow_writer.h"

#include <utility>

#include <arrow/io/interfaces.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "sleeper/exchange/arrow_output.h"
#include "sleeper/exchange/foreign_status.h"

namespace sleeper::exchange {
namespace {

class ArrowWriter final : public OutputWriter {
 public:
  ArrowWriter(std::unique_ptr<OutputSink> sink, const CallContext& call)
      : sink_(std::move(sink)), call_(call), stream_(ToArrowStream(*sink_, call)) {}

  Status Open(const std::shared_ptr<arrow::Schema>& schema) {
    arrow::ipc::IpcWriteOptions settings = arrow::ipc::IpcWriteOptions::Defaults();
    settings.use_threads = false;
    return Fenced(sink_->name(), [&]() -> Status {
      TRY_ASSIGN(writer_, sink_->is_stream() ? arrow::ipc::MakeStreamWriter(stream_, schema, settings)
                                             : arrow::ipc::MakeFileWriter(stream_, schema, settings));
      return Status::OK();
    });
  }

  Status Write(const columnar::Batch& batch) override {
    return Fenced(sink_->name(), [&] { return writer_->WriteRecordBatch(*batch.arrow()); });
  }

  Status Finish() override {
    TRY(Fenced(sink_->name(), [&] { return writer_->Close(); }));
    return sink_->Finish(call_);
  }

 private:
  const std::unique_ptr<OutputSink> sink_;
  const CallContext call_;
  const std::shared_ptr<arrow::io::OutputStream> stream_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

}  // namespace

Result<std::unique_ptr<OutputWriter>> OpenArrowOutput(std::unique_ptr<OutputSink> sink,
                                                      std::shared_ptr<const columnar::Layout> layout,
                                                      const CallContext& call) {
  auto writer = std::make_unique<ArrowWriter>(std::move(sink), call);
  TRY(writer->Open(layout->arrow_schema()));
  return writer;
}

}  // namespace sleeper::exchange
