#include <memory>
#include <utility>

#include "sleeper/check/check_table.h"
#include "sleeper/check/progress_file.h"
#include "sleeper/engine/table.h"
#include "sleeper/engine/table_parts.h"

namespace sleeper::engine {
namespace {

CheckResult ResultOf(const check::CheckReport& report) {
  CheckResult result{.ok = report.ok(),
                     .missing_files = report.missing_files,
                     .bad_files = report.bad_files,
                     .log_faults = report.log_faults,
                     .orphan_files = report.orphan_files,
                     .orphan_bytes = report.orphan_bytes,
                     .in_flight_files = report.in_flight_files,
                     .unreferenced_files = report.unreferenced_files,
                     .log_number = report.log_number,
                     .files = report.files,
                     .bytes = report.bytes,
                     .log_entries = report.log.entries,
                     .log_snapshots = report.log.snapshots,
                     .files_read = report.files_read,
                     .rows_read = report.rows_read,
                     .files_read_before = report.files_read_before,
                     .findings = {}};
  for (const check::Finding& finding : report.findings) {
    result.findings.push_back({std::string(check::NameOf(finding.kind)), finding.object, finding.bytes, finding.why});
  }
  return result;
}

}  // namespace

Result<CheckResult> Table::Check(const CheckOptions& options, const CallContext& call) {
  if (!options.progress_file.empty() && !options.deep) {
    return Error(ErrorKind::kInvalid, "only a deep check takes so long that it has to be resumed");
  }
  TRY_ASSIGN(const model::Properties properties, Properties(call));
  std::unique_ptr<check::ProgressFile> progress;
  if (!options.progress_file.empty()) {
    TRY_ASSIGN(progress, check::ProgressFile::Open(options.progress_file, id()));
  }
  const check::CheckRequest request{
      .deep = options.deep, .orphan_age = properties.Get(model::property::kSweepAge), .verified = progress.get()};
  TRY_ASSIGN(const check::CheckReport report,
             check::CheckTable({parts_->ports.store, parts_->ports.executor, parts_->registered.id, parts_->log},
                               request, call));
  if (progress != nullptr) {
    const Status removed = progress->Remove();
    // Damage is the graver news, and must not be lost with a file that stays: the next check only goes on from it.
    if (report.ok()) TRY(removed);
  }
  return ResultOf(report);
}

}  // namespace sleeper::engine
