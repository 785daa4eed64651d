#include "sleeper/check/finding.h"

namespace sleeper::check {

std::string_view NameOf(FindingKind kind) {
  switch (kind) {
    case FindingKind::kMissing:
      return "missing";
    case FindingKind::kBad:
      return "bad";
    case FindingKind::kLog:
      return "log";
    case FindingKind::kOrphan:
      return "orphan";
    case FindingKind::kInFlight:
      return "in_flight";
  }
  return "unknown";
}

}  // namespace sleeper::check
