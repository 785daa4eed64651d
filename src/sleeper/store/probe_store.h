#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/executor.h"
#include "sleeper/base/random.h"
#include "sleeper/store/object_store.h"

namespace sleeper::store {

/// What every object of a probe lies under.
inline constexpr std::string_view kProbePrefix = "probe/";

/// What comes of a check that fails.
enum class Reliance {
  kCommits,  ///< Commits rely on it: the store is refused.
  kNothing,  ///< Nothing relies on it: it is told.
};

/// One thing that stores may do, and whether this one does it.
struct ProbeCheck {
  /// "create-if-absent"; scripts may rely on it.
  std::string_view name;
  /// What the store has to do, as half a sentence.
  std::string_view promise;
  Reliance reliance = Reliance::kCommits;
  /// What it did instead; empty if it kept the promise.
  std::string fault;

  bool passed() const { return fault.empty(); }
};

/// What a probe found. Value.
struct ProbeReport {
  std::vector<ProbeCheck> checks;

  /// True if the store does all that commits rely on.
  bool passed() const;

  /// OK if it has passed; otherwise kDenied with what went wrong first, and how much more did.
  Status Verdict() const;
};

/// Tries out what commits rely on, and some of what they do not: creating an object only if there is none (one after
/// the other and raced, in one request and streamed), reads and listings that show what was written, their order and
/// pages, ETags, ranges, deletion, names with unusual characters.
///
/// It works on objects of its own under kProbePrefix, which go at the end, together with those that a killed probe left
/// more than a day ago. About 170 requests. A store that cannot be asked is a failure
/// as any other; one that answers wrongly is a report. Give it a store that streams a small object the same way as a
/// large one: see SmallStreams.
Result<ProbeReport> ProbeStore(ObjectStore& store, Executor& executor, Random& random, const CallContext& call);

}  // namespace sleeper::store
