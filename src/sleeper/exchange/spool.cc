#include "sleeper/exchange/spool.h"

#include <algorithm>
#include <utility>

namespace sleeper::exchange {
namespace {

constexpr int64_t kBlockBytes = int64_t{4} << 20;

class RunSource final : public InputSource {
 public:
  RunSource(std::unique_ptr<store::ScratchRun> run, std::string name) : run_(std::move(run)), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  std::optional<int64_t> size() const override { return run_->size(); }

  Result<Buffer> Read(int64_t bytes_max, const CallContext& call) override {
    const ByteRange range{position_, std::min(bytes_max, run_->size() - position_)};
    if (range.size == 0) return Buffer();
    TRY_ASSIGN(Buffer bytes, run_->Read(range, call));
    position_ = range.end();
    return bytes;
  }

  Result<Buffer> ReadAt(ByteRange range, const CallContext& call) override { return run_->Read(range, call); }

 private:
  const std::unique_ptr<store::ScratchRun> run_;
  const std::string name_;
  int64_t position_ = 0;
};

}  // namespace

Result<std::unique_ptr<InputSource>> Spool(std::unique_ptr<InputSource> source, store::ScratchSpace* scratch,
                                           const CallContext& call) {
  if (source->size()) return source;
  if (scratch == nullptr) {
    return WithHint(Error(ErrorKind::kInvalid, source->name(), ": this format cannot be read from a pipe"),
                    "write it to a file first");
  }
  TRY_ASSIGN(auto writer, scratch->NewRun(call));
  for (;;) {
    TRY_ASSIGN(const Buffer bytes, source->Read(kBlockBytes, call));
    if (bytes.empty()) break;
    const Status appended = writer->Append(bytes.span(), call);
    if (!appended.ok()) {
      return WithHint(WithContext(appended, source->name()),
                      "this format has to be kept whole while it is read; write it to a file first");
    }
  }
  TRY_ASSIGN(auto run, writer->Finish(call));
  return std::make_unique<RunSource>(std::move(run), source->name());
}

}  // namespace sleeper::exchange
