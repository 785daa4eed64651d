#include "sleeper/store/memory_scratch.h"

#include <string>
#include <utility>

namespace sleeper::store {
namespace {

class MemoryRun final : public ScratchRun {
 public:
  MemoryRun(ScratchShare share, Buffer bytes) : share_(std::move(share)), bytes_(std::move(bytes)) {}

  int64_t size() const override { return bytes_.size(); }

  Result<Buffer> Read(ByteRange range, const CallContext& /*call*/) const override {
    TRY(CheckScratchRange(range, size()));
    return bytes_.Slice(range);
  }

 private:
  ScratchShare share_;
  Buffer bytes_;
};

class MemoryRunWriter final : public ScratchWriter {
 public:
  explicit MemoryRunWriter(ScratchBudget& budget) : share_(budget) {}

  Status Append(std::span<const uint8_t> bytes, const CallContext& /*call*/) override {
    TRY(share_.Take(static_cast<int64_t>(bytes.size())));
    bytes_.append(bytes.begin(), bytes.end());
    return Status::OK();
  }

  Result<std::unique_ptr<ScratchRun>> Finish(const CallContext& /*call*/) override {
    return std::make_unique<MemoryRun>(std::move(share_), Buffer::FromString(std::move(bytes_)));
  }

 private:
  ScratchShare share_;
  std::string bytes_;
};

}  // namespace

Result<std::unique_ptr<ScratchWriter>> MemoryScratch::NewRun(const CallContext& /*call*/) {
  return std::make_unique<MemoryRunWriter>(budget_);
}

}  // namespace sleeper::store
