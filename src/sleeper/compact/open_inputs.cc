#include "sleeper/compact/open_inputs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sleeper/base/parallel_waits.h"
#include "sleeper/base/task_group.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/file/choose_split_points.h"
#include "sleeper/state/layout.h"

namespace sleeper::compact {
namespace {

/// A window is at most so large: one request, with which a connection of 50 MB/s is busy for a while.
constexpr int64_t kWindowBytesMax = int64_t{4} << 20;
constexpr int64_t kWindowBytesMin = int64_t{128} << 10;
/// Where nothing is read ahead, smaller windows are better: they are decoded while they are in the caches.
constexpr int64_t kNearWindowBytesMax = int64_t{512} << 10;
/// An input holds the window at hand, and asks for another one as soon as it has less than two ahead.
constexpr int64_t kWindowsPerInput = 4;
constexpr int64_t kWindowsAhead = 2;

/// With fewer pages for each piece, pieces would be of too different sizes.
constexpr int64_t kPagesPerPieceMin = 32;

using LayoutPtr = std::shared_ptr<const columnar::Layout>;

// Which of the inputs `by_key` follow one another without overlap: each sequence is one input of the merge, whose files
// are read one after the other.
std::vector<std::vector<size_t>> Sequences(const std::vector<CompactionInput>& inputs, std::vector<size_t> by_key) {
  std::ranges::stable_sort(by_key, {}, [&](size_t i) -> const model::NormalisedKey& { return inputs[i].FirstKey(); });
  std::vector<std::vector<size_t>> sequences;
  for (size_t i : by_key) {
    auto follows = [&](const std::vector<size_t>& sequence) { return inputs[i].StartsAfter(inputs[sequence.back()]); };
    auto sequence = std::ranges::find_if(sequences, follows);
    if (sequence == sequences.end()) sequence = sequences.insert(sequences.end(), std::vector<size_t>());
    sequence->push_back(i);
  }
  return sequences;
}

}  // namespace

int64_t WindowBytesOf(const CompactionReads& reads, size_t inputs) {
  const int64_t share = reads.bytes_max / static_cast<int64_t>(inputs) / kWindowsPerInput;
  return std::clamp(share, kWindowBytesMin, reads.ahead == ReadAhead::kYes ? kWindowBytesMax : kNearWindowBytesMax);
}

OpenInputs::OpenInputs(const CompactionPorts& ports, const CompactionSpec& spec, LayoutPtr layout,
                       std::vector<ReaderPtr> readers)
    : ports_(ports), spec_(spec), layout_(std::move(layout)), readers_(std::move(readers)) {}

Result<OpenInputs> OpenInputs::Open(const CompactionPorts& ports, const CompactionSpec& spec, const CallContext& call) {
  LayoutPtr layout = columnar::Layout::Of(spec.schema);
  std::vector<ReaderPtr> readers(spec.inputs.size());
  const auto open = [&](int64_t number) -> Status {
    const auto i = static_cast<size_t>(number);
    const model::FileRecord& record = spec.inputs[i].file;
    TRY_ASSIGN(readers[i], file::DataFileReader::Open(ports.store, state::DataFilePath(ports.table, record.id),
                                                      record.size_bytes, record.tail_bytes, layout, call));
    return Status::OK();
  };
  const auto count = static_cast<int64_t>(readers.size());
  if (ports.reads.ahead == ReadAhead::kYes) {
    TRY(ForEachWaiting(ports.executor, count, ports.reads.in_flight_max, open));
  } else {
    TRY(ParallelFor(ports.executor, count, 0, open));
  }
  return OpenInputs(ports, spec, std::move(layout), std::move(readers));
}

std::vector<model::KeyInterval> OpenInputs::CutIntoPieces(int64_t pieces_max) const {
  std::vector<file::KeySample> samples;
  for (size_t i = 0; pieces_max > 1 && i < readers_.size(); ++i) {
    std::ranges::move(file::SamplesWithin(*readers_[i], spec_.inputs[i].interval), std::back_inserter(samples));
  }
  const int64_t pieces = std::min(pieces_max, static_cast<int64_t>(samples.size()) / kPagesPerPieceMin);
  std::vector<model::KeyInterval> intervals = {model::KeyInterval::All()};
  if (pieces <= 1) return intervals;
  for (model::NormalisedKey& point :
       file::ChooseSplitPoints(spec_.schema.row_key_fields(), model::KeyInterval::All(), std::move(samples), pieces)) {
    intervals.back().upper = point;
    intervals.push_back({.lower = std::move(point), .upper = std::nullopt});
  }
  return intervals;
}

std::vector<std::vector<size_t>> OpenInputs::SequencesIn(const model::KeyInterval& piece) const {
  std::vector<size_t> inside;
  for (size_t i = 0; i < spec_.inputs.size(); ++i) {
    const auto part = spec_.inputs[i].interval.Intersect(piece);
    if (part && spec_.inputs[i].file.bounds.Overlaps(*part)) inside.push_back(i);
  }
  return Sequences(spec_.inputs, std::move(inside));
}

Result<PagedInputs> OpenInputs::OpenPages(const model::KeyInterval& piece, int64_t pieces_at_a_time,
                                          const CallContext& call) const {
  const std::vector<std::vector<size_t>> order = SequencesIn(piece);
  const size_t inputs = std::max<size_t>(1, order.size()) * static_cast<size_t>(pieces_at_a_time);
  const int64_t window = WindowBytesOf(ports_.reads, inputs);
  const auto decoder = file::MakePageDecoder();
  PagedInputs paged;
  if (ports_.reads.ahead == ReadAhead::kYes) {
    paged.background = std::make_unique<file::BackgroundReads>(
        ports_.store, ports_.executor, std::max<int64_t>(1, ports_.reads.in_flight_max / pieces_at_a_time));
    // Few inputs have larger shares, in windows of the same size, so that as many are on their way.
    const int64_t share = ports_.reads.bytes_max / static_cast<int64_t>(inputs);
    paged.bytes_ahead_max = std::max(window, share * kWindowsAhead / kWindowsPerInput);
  }
  for (const std::vector<size_t>& sequence : order) {
    std::vector<PagedSlice>& slices = paged.sequences.emplace_back();
    for (const size_t i : sequence) {
      const CompactionInput& input = spec_.inputs[i];
      const file::PageRequest request{.interval = *input.interval.Intersect(piece),
                                      .window_bytes_max = window,
                                      .hashed = !input.IsWholeFile(),
                                      .copied_for = &spec_.file_settings,
                                      .background = paged.background.get(),
                                      .decoder = decoder};
      PagedSlice& slice = slices.emplace_back();
      slice.input = i;
      TRY_ASSIGN(slice.pages, readers_[i]->OpenPages(request, call));
    }
  }
  return paged;
}

}  // namespace sleeper::compact
