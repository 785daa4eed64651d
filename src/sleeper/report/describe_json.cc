#include "sleeper/report/describe_json.h"

#include <fmt/format.h>

namespace sleeper::report {

std::string_view JobKindName(state::JobKind kind) {
  switch (kind) {
    case state::JobKind::kIngest:
      return "ingest";
    case state::JobKind::kCompaction:
      return "compaction";
    case state::JobKind::kImport:
      return "import";
    case state::JobKind::kExport:
      return "export";
  }
  return "";
}

std::string_view JobResultName(state::JobResult result) {
  switch (result) {
    case state::JobResult::kFinished:
      return "finished";
    case state::JobResult::kFailed:
      return "failed";
    case state::JobResult::kReleased:
      return "released";
  }
  return "";
}

std::string RowHashText(const model::RowHash& hash) { return fmt::format("{:016x}{:016x}", hash.high, hash.low); }

}  // namespace sleeper::report
