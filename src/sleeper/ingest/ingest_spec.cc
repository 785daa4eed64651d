#include "sleeper/ingest/ingest_spec.h"

#include <algorithm>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sleeper/base/check.h"
#include "sleeper/state/layout.h"

namespace sleeper::ingest {
namespace {

constexpr int64_t kBatchBytesMax = int64_t{8} << 20;
constexpr int64_t kBatchBytesMin = int64_t{64} << 10;
/// A batch takes at most this part of the memory.
constexpr int64_t kBatchesInMemory = 128;
/// More than this makes a file no better, and memory has to be fetched for it: with four times as much, an ingest of
/// sorted rows took a twentieth more.
constexpr int64_t kWaitingBytesMax = int64_t{16} << 20;
constexpr int kReadersMax = 4;
constexpr int kBatchesWaitingMax = 4;
/// What a reader holds: the batch that it makes and what it makes it from.
constexpr int kBatchesPerReader = 3;
/// The writer holds a row group encoded, and one that goes out; besides, sorted batches wait for it.
constexpr int kRowGroupsOfWriter = 2;
constexpr int kBatchesOfWriter = 4;

void AppendPart(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

}  // namespace

state::SpecHash IngestRequest::Hash() const {
  std::vector<std::string> sorted = inputs;
  std::ranges::sort(sorted);
  std::string text = "ingest 1\n";
  AppendPart(text, reading);
  for (const std::string& input : sorted) AppendPart(text, input);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return state::SpecHash(state::FormatUp(hash.high64) + state::FormatUp(hash.low64));
}

MemoryShares MemoryShares::Of(int64_t memory_bytes, int64_t row_group_bytes_wanted) {
  MemoryShares shares;
  shares.readers_max = kReadersMax;
  shares.batches_waiting_max = kBatchesWaitingMax;
  shares.batch_bytes_max = std::clamp(memory_bytes / kBatchesInMemory, kBatchBytesMin, kBatchBytesMax);
  shares.row_group_bytes_max = std::min(row_group_bytes_wanted, memory_bytes / 8);
  const int64_t reading = shares.batch_bytes_max * (kReadersMax * kBatchesPerReader + kBatchesWaitingMax);
  const int64_t writing = shares.row_group_bytes_max * kRowGroupsOfWriter + shares.batch_bytes_max * kBatchesOfWriter;
  shares.sort_bytes_max = memory_bytes - std::max(reading, writing);
  shares.waiting_bytes_max = std::min(shares.sort_bytes_max / 8, kWaitingBytesMax);
  return shares;
}

Result<IngestSpec> PlanIngest(const state::TableState& state, const IngestRequest& request,
                              const model::Properties& properties) {
  SLEEPER_CHECK(state.exists(), "rows cannot be added to a table that is not there");
  if (request.job.empty()) return Error(ErrorKind::kInvalid, "an ingest job must have an id");
  namespace property = model::property;
  IngestSpec spec{
      .job = request.job,
      .spec_hash = request.Hash(),
      .schema = state.definition().schema,
      .shape_hash = state.shape_hash(),
      .strategy = properties.Get(property::kIngestFileWritingStrategy),
      .file_settings = file::DataFileSettings::From(properties),
      .file_bytes_target = properties.Get(property::kDataFileBytesTarget),
      .memory = {},
      .sweep_age = properties.Get(property::kSweepAge),
  };
  spec.memory = MemoryShares::Of(properties.Get(property::kIngestMemoryBytes), spec.file_settings.row_group_bytes_max);
  spec.file_settings.row_group_bytes_max = spec.memory.row_group_bytes_max;
  return spec;
}

}  // namespace sleeper::ingest
