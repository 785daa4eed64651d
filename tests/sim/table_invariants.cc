#include "tests/sim/table_invariants.h"

#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace sleeper::sim {
namespace {

std::string BrokenTiling(const model::PartitionMap& partitions) {
  const std::vector<model::Partition> leaves = partitions.All();
  model::NormalisedKey next;
  for (size_t i = 0; i < leaves.size(); ++i) {
    const model::KeyInterval& interval = leaves[i].interval;
    const bool last = i + 1 == leaves.size();
    if (interval.lower != next || interval.upper.has_value() == last) {
      return fmt::format("leaf {} does not begin where the one before it ends", i);
    }
    if (interval.upper) next = *interval.upper;
  }
  return leaves.empty() ? "there is no leaf" : "";
}

}  // namespace

std::string BrokenInvariant(const state::TableState& state) {
  if (std::string broken = BrokenTiling(state.partitions()); !broken.empty()) return broken;
  // Where the references of each file end so far. Nothing: at the end of the key space.
  std::map<model::FileId, std::optional<model::NormalisedKey>> ends;
  std::map<model::FileId, int64_t> counts;
  for (state::ReferenceCursor at = state.References(); at.valid(); at.Next()) {
    const model::FileReference reference = at.reference();
    const std::string name = "a reference of file " + reference.file.value();
    if (!state.partitions().Find(reference.interval.lower).interval.Contains(reference.interval)) {
      return name + " lies in two leaves";
    }
    if (reference.job && !state.FindJob(*reference.job)) {
      return name + " is on job " + reference.job->value() + ", which is not under way";
    }
    const auto end = ends.find(reference.file);
    if (end != ends.end() && (!end->second || reference.interval.lower < *end->second)) {
      return name + " overlaps another one";
    }
    ends[reference.file] = reference.interval.upper;
    ++counts[reference.file];
  }
  int64_t tracked = 0;
  for (const state::TrackedFile& file : state.Files()) {
    const auto count = counts.find(file.record.id);
    const int64_t references = count == counts.end() ? 0 : count->second;
    if (references > 0) ++tracked;
    if (file.references != references) {
      return fmt::format("file {} has {} references, and says {}", file.record.id.value(), references, file.references);
    }
  }
  if (tracked != static_cast<int64_t>(counts.size())) return "a file is referenced and not tracked";
  return "";
}

}  // namespace sleeper::sim
