#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "sleeper/store/object_store.h"

namespace sleeper::sim {

/// Mistakes that systems of this kind have made, put between the product and its store. A scenario that does not find
/// them is not worth its time.
enum class Defect {
  kNone,
  kIgnoresIfAbsent,   ///< The condition of a put is not looked at: it overwrites.
  kUnknownIsSuccess,  ///< A put whose answer was lost is taken for done.
  kUnknownIsFailure,  ///< A put whose answer was lost is taken for not done.
  kExistsIsSuccess,   ///< "There is one already" is taken for "it is mine".
  kNoListAfterPut,    ///< Whoever has created an object and asks for the newest one is told that it is his.
  kStaleListing,      ///< A listing is answered from the one before it.
  kForgetsListing,    ///< Listings leave out the newest object.
  kTornListing,       ///< A listing of a folder that changes meanwhile misses an object that stays.
  kCachesObjects,     ///< Whoever has looked at an object finds the same for ever.
};

std::string_view DefectName(Defect defect);
/// A sentence about it.
std::string_view DefectText(Defect defect);
const std::vector<Defect>& AllDefects();

/// `inner` with a defect. `inner` must outlive it.
std::unique_ptr<store::ObjectStore> MakeDefective(Defect defect, store::ObjectStore& inner);

}  // namespace sleeper::sim
