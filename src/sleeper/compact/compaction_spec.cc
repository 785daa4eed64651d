#include "sleeper/compact/compaction_spec.h"

#include <string_view>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sleeper/state/layout.h"

namespace sleeper::compact {
namespace {

void AppendPart(std::string& text, std::string_view part) {
  text += std::to_string(part.size());
  text += ':';
  text += part;
}

state::SpecHash HashOf(const CompactionSpec& spec) {
  std::string text = "compaction 1\n";
  AppendPart(text, spec.shape_hash);
  for (const CompactionInput& input : spec.inputs) {
    AppendPart(text, input.file.id.value());
    AppendPart(text, input.interval.lower);
    AppendPart(text, input.interval.upper ? "upper" : "");
    AppendPart(text, input.interval.upper.value_or(""));
  }
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return state::SpecHash(state::FormatUp(hash.high64) + state::FormatUp(hash.low64));
}

}  // namespace

int64_t CompactionSpec::rows() const {
  int64_t rows = 0;
  for (const CompactionInput& input : inputs) rows += input.rows;
  return rows;
}

int64_t CompactionSpec::bytes() const {
  int64_t bytes = 0;
  for (const CompactionInput& input : inputs) bytes += input.EstimatedBytes();
  return bytes;
}

state::UnfinishedJob CompactionSpec::UnfinishedJob(std::string worker) const {
  state::UnfinishedJob unfinished;
  unfinished.id = job;
  unfinished.kind = state::JobKind::kCompaction;
  unfinished.spec_hash = HashOf(*this);
  unfinished.shape_hash = shape_hash;
  unfinished.earliest_birth = birth;
  for (const CompactionInput& input : inputs) unfinished.inputs.push_back({input.file.id, input.interval});
  unfinished.specification = std::move(worker);
  return unfinished;
}

}  // namespace sleeper::compact
