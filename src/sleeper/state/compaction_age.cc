#include "sleeper/state/compaction_age.h"

#include <algorithm>

namespace sleeper::state {
namespace {

// How often the inputs of a compaction were tried before.
int Attempts(const TableState& state, const UnfinishedJob& compaction) {
  int attempts = 0;
  for (const ReferenceName& input : compaction.inputs) {
    for (const model::FileReference& reference : state.ReferencesIn(input.interval)) {
      if (reference.job == compaction.id) attempts = std::max(attempts, reference.attempts);
    }
  }
  return attempts;
}

}  // namespace

Duration CompactionPatience(const TableState& state, const UnfinishedJob& compaction) {
  Duration patience = kCompactionAgeMin;
  for (int left = Attempts(state, compaction); left > 0 && patience < kCompactionAgeMax; --left) patience *= 2;
  return patience;
}

}  // namespace sleeper::state
