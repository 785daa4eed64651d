#include "sleeper/query/partition_stream.h"

#include <optional>
#include <utility>

#include "sleeper/base/task_group.h"
#include "sleeper/rows/merge.h"
#include "sleeper/rows/transforms.h"

namespace sleeper::query {
namespace {

/// Files of a partition that are opened at the same time.
constexpr int kFilesOpenedMax = 16;

/// The memory of one partition's scans together; each has at least the minimum.
constexpr int64_t kPartitionWindowBytesMax = 64 << 20;
constexpr int64_t kFileWindowBytesMin = 1 << 20;
constexpr int64_t kFileWindowBytesMax = 8 << 20;

/// A stream over one file that says which file is missing.
class NamedFileStream final : public rows::RowStream {
 public:
  NamedFileStream(std::unique_ptr<rows::RowStream> rows, model::FileRecord file, std::shared_ptr<MissingFile> missing)
      : rows_(std::move(rows)), file_(std::move(file)), missing_(std::move(missing)) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return rows_->layout(); }

  Result<std::optional<columnar::Batch>> Next() override {
    auto batch = rows_->Next();
    if (IsKind(batch.status(), ErrorKind::kNotFound)) missing_->Report(file_);
    return batch;
  }

 private:
  std::unique_ptr<rows::RowStream> rows_;
  model::FileRecord file_;
  std::shared_ptr<MissingFile> missing_;
};

class PartitionStream final : public rows::RowStream {
 public:
  PartitionStream(const ReadPorts& ports, const QueryRequest& request, const ReadColumns& columns,
                  PlannedPartition planned, std::shared_ptr<MissingFile> missing, const CallContext& call)
      : ports_(ports),
        regions_(request.regions),
        columns_(columns),
        planned_(std::move(planned)),
        missing_(std::move(missing)),
        call_(call) {}

  const std::shared_ptr<const columnar::Layout>& layout() const override { return columns_.result; }

  Result<std::optional<columnar::Batch>> Next() override {
    if (rows_ == nullptr) {
      TRY(OpenReaders());
      std::vector<rows::StreamMaker> segments;
      for (const PlannedSegment& segment : planned_.segments) {
        segments.push_back([this, &segment] { return ReadSegment(segment); });
      }
      rows_ = rows::Concatenate(columns_.result, std::move(segments));
    }
    return rows_->Next();
  }

 private:
  Status OpenReaders() {
    readers_.resize(planned_.files.size());
    return ParallelFor(ports_.executor, static_cast<int64_t>(readers_.size()), kFilesOpenedMax,
                       [&](int64_t i) -> Status {
                         const auto index = static_cast<size_t>(i);
                         const model::FileRecord& file = planned_.files[index].file;
                         auto reader = ports_.files.Open(file, columns_.table, call_);
                         if (IsKind(reader.status(), ErrorKind::kNotFound)) missing_->Report(file);
                         TRY_ASSIGN(readers_[index], std::move(reader));
                         return Status::OK();
                       });
  }

  /// Merges need the keys, and so do checks against regions; one file without a check does not.
  std::shared_ptr<const columnar::Layout> ColumnsToRead(const PlannedSegment& segment, size_t files) const {
    const bool keys_needed = files > 1 || !segment.residual.empty();
    return keys_needed ? columns_.result->WithKeys() : columns_.result;
  }

  Result<std::unique_ptr<rows::RowStream>> ReadSegment(const PlannedSegment& segment) {
    std::vector<std::pair<size_t, std::vector<model::KeyInterval>>> wanted;
    for (size_t i = 0; i < planned_.files.size(); ++i) {
      auto intervals = IntervalsIn(planned_.files[i], segment.intervals);
      if (!intervals.empty()) wanted.emplace_back(i, std::move(intervals));
    }
    if (wanted.empty()) return std::make_unique<rows::VectorStream>(columns_.result, std::vector<columnar::Batch>());

    const auto to_read = ColumnsToRead(segment, wanted.size());
    file::ScanRequest scan;
    scan.layout = to_read;
    scan.window_bytes_max = std::clamp(kPartitionWindowBytesMax / static_cast<int64_t>(wanted.size()),
                                       kFileWindowBytesMin, kFileWindowBytesMax);
    std::vector<std::unique_ptr<rows::RowStream>> inputs;
    for (auto& [index, intervals] : wanted) {
      scan.intervals = std::move(intervals);
      TRY_ASSIGN(auto rows, readers_[index]->Scan(scan, call_));
      inputs.push_back(std::make_unique<NamedFileStream>(std::move(rows), planned_.files[index].file, missing_));
    }
    std::unique_ptr<rows::RowStream> rows =
        inputs.size() == 1 ? std::move(inputs.front()) : rows::Merge(to_read, std::move(inputs));
    if (!segment.residual.empty()) {
      std::vector<model::Region> regions;
      for (uint32_t region : segment.residual) regions.push_back(regions_[region]);
      TRY_ASSIGN(rows, rows::FilterRegions(std::move(rows), regions));
    }
    if (to_read != columns_.result) rows = rows::Project(std::move(rows), columns_.result);
    return rows;
  }

  const ReadPorts ports_;
  const std::vector<model::Region> regions_;
  const ReadColumns columns_;
  const PlannedPartition planned_;
  const std::shared_ptr<MissingFile> missing_;
  const CallContext call_;
  /// One for each file of the plan.
  std::vector<std::shared_ptr<const file::DataFileReader>> readers_;
  std::unique_ptr<rows::RowStream> rows_;
};

}  // namespace

std::unique_ptr<rows::RowStream> ReadPartition(const ReadPorts& ports, const QueryRequest& request,
                                               const ReadColumns& columns, PlannedPartition planned,
                                               std::shared_ptr<MissingFile> missing, const CallContext& call) {
  return std::make_unique<PartitionStream>(ports, request, columns, std::move(planned), std::move(missing), call);
}

}  // namespace sleeper::query
