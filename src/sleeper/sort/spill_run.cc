#include "sleeper/sort/spill_run.h"

#include <optional>
#include <utility>
#include <vector>

#include "sleeper/base/check.h"
#include "sleeper/file/page_input.h"
#include "sleeper/rows/merge.h"
#include "sleeper/sort/batch_rows.h"
#include "sleeper/sort/merged_pages.h"

namespace sleeper::sort {
namespace {

/// A stream that keeps its run, which goes at the stream's end.
class RunStream final : public rows::RowStream {
 public:
  RunStream(SpillRun run, int64_t window_bytes_max, const CallContext& call)
      : layout_(run.file().layout()),
        run_(std::move(run)),
        stream_(run_->file().Scan({.window_bytes_max = window_bytes_max}, call)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }

  Result<std::optional<columnar::Batch>> Next() override {
    if (!run_) return std::nullopt;
    TRY_ASSIGN(std::optional<columnar::Batch> batch, stream_->Next());
    if (!batch) {
      stream_.reset();
      run_.reset();
    }
    return batch;
  }

 private:
  std::shared_ptr<const columnar::Layout> layout_;
  std::optional<SpillRun> run_;
  std::unique_ptr<rows::RowStream> stream_;
};

}  // namespace

SpillRun::SpillRun(SpillRun&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)),
      path_(std::move(other.path_)),
      file_(std::move(other.file_)),
      bytes_(other.bytes_) {}

SpillRun& SpillRun::operator=(SpillRun&& other) noexcept {
  std::swap(store_, other.store_);
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

SpillRun::~SpillRun() {
  // Deleting from scratch space cannot fail.
  if (store_ != nullptr) static_cast<void>(store_->Delete({&path_, 1}, {}));
}

file::DataFileSettings SpillSettings(int64_t row_group_bytes_max) {
  return {.row_group_bytes_max = row_group_bytes_max,
          .codec = model::CompressionCodec::kUncompressed,
          .value_statistics = false};
}

Result<SpillRun> WriteSpillRun(ScratchStore& store, store::ObjectPath path,
                               const std::shared_ptr<const columnar::Layout>& layout,
                               const file::DataFileSettings& settings, SortedRows& rows,
                               const std::function<Status()>& before_each, const CallContext& call) {
  TRY_ASSIGN(const auto writer, file::DataFileWriter::Open(store, path, layout, settings, call));
  for (;;) {
    TRY(before_each());
    TRY_ASSIGN(const int64_t written, rows.WriteTo(*writer, std::nullopt));
    if (written == 0) break;
  }
  TRY_ASSIGN(const file::DataFileSummary summary, writer->Finish());
  TRY_ASSIGN(auto reader,
             file::DataFileReader::Open(store, path, summary.size_bytes, summary.tail_bytes, layout, call));
  return SpillRun(store, std::move(path), std::move(reader), summary.size_bytes);
}

Result<std::unique_ptr<SortedRows>> MergeSpillRuns(std::vector<SpillRun> runs, int64_t window_bytes_max,
                                                   const CallContext& call) {
  SLEEPER_CHECK(!runs.empty(), "a merge of no runs");
  const std::shared_ptr<const columnar::Layout> layout = runs.front().file().layout();
  if (file::CanGather(layout->schema())) return MergedPages::Open(std::move(runs), window_bytes_max, call);
  std::vector<std::unique_ptr<rows::RowStream>> streams;
  for (SpillRun& run : runs) streams.push_back(std::make_unique<RunStream>(std::move(run), window_bytes_max, call));
  return std::make_unique<BatchRows>(rows::Merge(layout, std::move(streams)));
}

}  // namespace sleeper::sort
