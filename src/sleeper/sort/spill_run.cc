#include "sleeper/sort/spill_run.h"

#include <optional>
#include <utility>

namespace sleeper::sort {

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

}  // namespace sleeper::sort
