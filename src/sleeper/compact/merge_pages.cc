#include "sleeper/compact/merge_pages.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sleeper/compact/output_files.h"
#include "sleeper/rows/merge_plan.h"

namespace sleeper::compact {
namespace {

/// Rows between two looks at the clock, and two reports.
constexpr int64_t kRowsPerReport = 16'384;

/// One input of the merge: slices, one after the other.
struct Lane {
  std::vector<PagedSlice> slices;
  size_t current = 0;
  /// Whether it has shown its first rows, or has none.
  bool started = false;
};

/// Carries out what a MergePlan decides: feeds it the keys of windows, and has the rows of its steps gathered.
class PageMerge {
 public:
  PageMerge(const CompactionPorts& ports, const CompactionSpec& spec, PagedInputs inputs, int64_t rows_per_file,
            const CallContext& call)
      : ports_(ports),
        call_(call),
        rows_per_file_(rows_per_file),
        background_(std::move(inputs.background)),
        bytes_ahead_max_(inputs.bytes_ahead_max),
        plan_(static_cast<int>(inputs.sequences.size())),
        files_(ports, spec, call),
        heads_(inputs.sequences.size()) {
    for (std::vector<PagedSlice>& slices : inputs.sequences) lanes_.push_back({std::move(slices)});
    for (const CompactionInput& input : spec.inputs) piece_.consumed.push_back({input.file.id, 0, {}});
  }

  Result<WrittenPiece> Run() {
    // What all inputs begin with comes at the same time.
    for (Lane& lane : lanes_) ReadAhead(lane);
    for (size_t lane = 0; lane < lanes_.size(); ++lane) TRY(Refill(lane));
    while (lanes_open_ > 0) {
      TRY_ASSIGN(file::DataFileWriter * writer, files_.Current());
      // Once a file has its rows, it ends before the next row key.
      const bool full = files_.rows() >= rows_per_file_;
      const rows::MergeStep step =
          plan_.Next(full ? 1 : std::min(writer->step_rows_max(), rows_per_file_ - files_.rows()));
      if (full && RowKeyOf(step) != writer->last_row_key()) {
        TRY(files_.EndFile());
        TRY_ASSIGN(writer, files_.Current());
      }
      TRY(writer->Write(heads_, step));
      if (step.starved_input >= 0) TRY(Refill(static_cast<size_t>(step.starved_input)));
      TRY(Report(step.rows()));
    }
    TRY_ASSIGN(piece_.files, files_.Finish());
    return std::move(piece_);
  }

 private:
  void ReadAhead(Lane& lane) {
    int64_t missing = bytes_ahead_max_;
    for (size_t i = lane.current; i < lane.slices.size() && missing > 0; ++i) {
      missing = lane.slices[i].pages->ReadAhead(missing);
    }
  }

  Status Refill(size_t index) {
    Lane& lane = lanes_[index];
    ReadAhead(lane);
    for (; lane.current < lane.slices.size(); ++lane.current) {
      PagedSlice& slice = lane.slices[lane.current];
      TRY(CopyRowGroups(index, *slice.pages));
      lane.started = true;
      TRY_ASSIGN(const bool more, slice.pages->Next());
      if (more) {
        lanes_open_ += heads_[index] == nullptr ? 1 : 0;
        heads_[index] = slice.pages.get();
        return WithContext(plan_.Feed(static_cast<int>(index), slice.pages->keys()),
                           "data file " + piece_.consumed[slice.input].file.value());
      }
      state::ConsumedInput& consumed = piece_.consumed[slice.input];
      consumed.rows += slice.pages->rows_taken();
      consumed.row_hash += slice.pages->row_hash();
      if (heads_[index] == slice.pages.get()) {
        heads_[index] = nullptr;
        --lanes_open_;
      }
      slice.pages.reset();
    }
    plan_.End(static_cast<int>(index));
    return Status::OK();
  }

  // Copies whole row groups that lie before everything that the other lanes have left.
  Status CopyRowGroups(size_t index, file::PageInput& pages) {
    for (;;) {
      const file::RowGroupSummary* const next = pages.NextWholeRowGroup();
      if (next == nullptr || files_.rows() >= rows_per_file_ || !LiesBeforeOthers(index, next->bounds.max)) break;
      TRY_ASSIGN(file::DataFileWriter* const writer, files_.Current());
      const file::PageInput::Size size = pages.SizeOfNextRowGroup();
      if (!writer->IsWorthCopying(*next, size.rows, size.bytes)) break;
      TRY_ASSIGN(file::RowGroupCopy copy, pages.TakeRowGroup());
      ReadAhead(lanes_[index]);
      TRY(writer->Copy(std::move(copy)));
      piece_.rows_copied += size.rows;
      TRY(Report(size.rows));
    }
    return Status::OK();
  }

  bool LiesBeforeOthers(size_t index, const model::NormalisedKey& last_row_key) const {
    for (size_t other = 0; other < lanes_.size(); ++other) {
      if (other == index) continue;
      if (!lanes_[other].started) return false;
      const file::PageInput* const head = heads_[other];
      if (head != nullptr && head->keys().row_key(head->taken()) <= last_row_key) return false;
    }
    return true;
  }

  // Of a step of one row.
  std::string_view RowKeyOf(const rows::MergeStep& step) const {
    const file::PageInput& head = *heads_[static_cast<size_t>(step.first_input())];
    return head.keys().row_key(head.taken());
  }

  Status Report(int64_t rows) {
    unreported_ += rows;
    if (unreported_ < kRowsPerReport && lanes_open_ > 0) return Status::OK();
    if (ports_.on_read) ports_.on_read(std::exchange(unreported_, 0));
    return call_.Check(ports_.executor.clock());
  }

  const CompactionPorts& ports_;
  const CallContext& call_;
  const int64_t rows_per_file_;
  /// Outlives the inputs.
  const std::unique_ptr<file::BackgroundReads> background_;
  const int64_t bytes_ahead_max_;
  rows::MergePlan plan_;
  OutputSequence files_;
  std::vector<Lane> lanes_;
  /// What each lane reads now; null if it has ended.
  std::vector<file::PageInput*> heads_;
  int lanes_open_ = 0;
  int64_t unreported_ = 0;
  WrittenPiece piece_;
};

}  // namespace

Result<WrittenPiece> MergePages(const CompactionPorts& ports, const CompactionSpec& spec, const OpenInputs& inputs,
                                const model::KeyInterval& piece, int64_t pieces_at_a_time, int64_t rows_per_file,
                                const CallContext& call) {
  TRY_ASSIGN(PagedInputs paged, inputs.OpenPages(piece, pieces_at_a_time, call));
  if (paged.sequences.empty()) paged.sequences.emplace_back();
  return PageMerge(ports, spec, std::move(paged), rows_per_file, call).Run();
}

}  // namespace sleeper::compact
