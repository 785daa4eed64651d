#include "sleeper/check/check_table.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sleeper/base/mutex.h"
#include "sleeper/base/task_group.h"
#include "sleeper/check/compare_files.h"
#include "sleeper/check/list_data.h"
#include "sleeper/check/verify_file.h"
#include "sleeper/state/layout.h"

namespace sleeper::check {
namespace {

/// What reading the files brought to light. Thread-safe.
class ReadFaults {
 public:
  struct Fault {
    model::FileRecord file;
    /// Nothing if the file was not there.
    std::optional<std::string> why;
  };

  void Add(Fault fault) {
    MutexLock lock(mutex_);
    faults_.push_back(std::move(fault));
  }

  /// In the order of the files' names.
  std::vector<Fault> Take() {
    MutexLock lock(mutex_);
    std::sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) { return a.file.id < b.file.id; });
    return std::move(faults_);
  }

 private:
  Mutex mutex_;
  std::vector<Fault> faults_ SLEEPER_GUARDED_BY(mutex_);
};

class TableCheck {
 public:
  TableCheck(const CheckPorts& ports, const CheckRequest& request, const CallContext& call)
      : ports_(ports), request_(request), call_(call) {}

  Result<CheckReport> Run() {
    TRY_ASSIGN(state_, FreshState());
    report_.log_number = state_->number();
    report_.files = state_->totals().files;
    report_.bytes = state_->totals().bytes;
    report_.unreferenced_files = state_->totals().unreferenced_files;
    TRY_ASSIGN(report_.log, ports_.log.Audit(call_));
    for (const state::LogFault& fault : report_.log.faults)
      Note(Finding{FindingKind::kLog, fault.object, 0, fault.why});

    std::vector<state::TrackedFile> files = state_->Files();
    std::ranges::sort(files, {}, [](const state::TrackedFile& file) { return file.record.id; });
    TRY_ASSIGN(const Differences differences,
               CompareWithListing(ports_.store, ports_.executor, ports_.table, files, call_));
    if (request_.deep) TRY(ReadFiles(files, differences));
    TRY(Judge(differences));
    return std::move(report_);
  }

 private:
  Result<state::TableStatePtr> FreshState() {
    TRY_ASSIGN(state::TableStatePtr state, ports_.log.Refresh(call_));
    if (!state->exists()) return Error(ErrorKind::kNotFound, "the table does not exist, or was dropped");
    return state;
  }

  /// Reads the files with references, but for those of which it is known already that they cannot be read.
  Status ReadFiles(const std::vector<state::TrackedFile>& files, const Differences& differences) {
    std::set<model::FileId> left_out;
    for (const model::FileRecord& file : differences.missing) left_out.insert(file.id);
    for (const Differences::WrongSize& wrong : differences.wrong_sizes) left_out.insert(wrong.file.id);
    std::vector<const model::FileRecord*> to_read;
    for (const state::TrackedFile& file : files) {
      if (file.references == 0 || left_out.contains(file.record.id)) continue;
      if (request_.verified != nullptr && request_.verified->Contains(file.record.id)) {
        ++report_.files_read_before;
      } else {
        to_read.push_back(&file.record);
      }
    }
    const auto layout = columnar::Layout::Of(state_->definition().schema);
    std::atomic<int64_t> rows = 0;
    std::atomic<int64_t> done = 0;
    const auto count = static_cast<int64_t>(to_read.size());
    const Status all_read = ParallelFor(ports_.executor, count, 0, [&](int64_t i) -> Status {
      TRY(call_.Check(ports_.executor.clock()));
      TRY_ASSIGN(const int64_t file_rows, ReadFile(*to_read[static_cast<size_t>(i)], layout));
      rows += file_rows;
      call_.Report("files", ++done, count);
      return Status::OK();
    });
    TRY(all_read);
    report_.files_read = done;
    report_.rows_read = rows;
    return Status::OK();
  }

  Result<int64_t> ReadFile(const model::FileRecord& record, const std::shared_ptr<const columnar::Layout>& layout) {
    const FileToVerify file{record, state_->ReferencesOf(record)};
    const auto verdict = VerifyFile(ports_.store, ports_.table, layout, file, call_);
    if (IsKind(verdict.status(), ErrorKind::kNotFound)) {
      faults_.Add({record, std::nullopt});
      return 0;
    }
    TRY(verdict.status());
    if (verdict->fault) {
      faults_.Add({record, verdict->fault});
    } else if (request_.verified != nullptr) {
      TRY(request_.verified->Add(record.id));
    }
    return verdict->rows;
  }

  /// Decides by a state that is newer than all that was seen of the store.
  Status Judge(const Differences& differences) {
    TRY_ASSIGN(const state::TableStatePtr fresh, FreshState());
    for (const model::FileRecord& file : differences.missing) Note(JudgeMissing(ports_.table, *fresh, file));
    for (const Differences::WrongSize& wrong : differences.wrong_sizes) {
      Note(JudgeBad(ports_.table, *fresh, wrong.file,
                    std::to_string(wrong.size) + " bytes instead of " + std::to_string(wrong.file.size_bytes)));
    }
    for (ReadFaults::Fault& fault : faults_.Take()) {
      Note(fault.why ? JudgeBad(ports_.table, *fresh, fault.file, std::move(*fault.why))
                     : JudgeMissing(ports_.table, *fresh, fault.file));
    }
    JudgeUnknownObjects(*fresh, differences.unknown);
    return Status::OK();
  }

  void JudgeUnknownObjects(const state::TableState& fresh, const std::vector<store::ObjectInfo>& objects) {
    if (objects.empty()) return;
    std::set<store::ObjectPath> known;
    for (const state::TrackedFile& file : fresh.Files()) {
      known.insert(state::DataFilePath(ports_.table, file.record.id));
    }
    const OrphanRule rule{.age = request_.orphan_age, .now = ports_.executor.clock().Now()};
    for (const store::ObjectInfo& object : objects) {
      if (!known.contains(object.path)) Note(JudgeUnknown(ports_.table, fresh, object, rule));
    }
  }

  void Note(std::optional<Finding> finding) {
    if (!finding) return;
    switch (finding->kind) {
      case FindingKind::kMissing:
        ++report_.missing_files;
        break;
      case FindingKind::kBad:
        ++report_.bad_files;
        break;
      case FindingKind::kLog:
        ++report_.log_faults;
        break;
      case FindingKind::kOrphan:
        ++report_.orphan_files;
        report_.orphan_bytes += finding->bytes;
        break;
      case FindingKind::kInFlight:
        ++report_.in_flight_files;
        break;
    }
    if (report_.findings.size() < CheckReport::kFindingsMax) report_.findings.push_back(std::move(*finding));
  }

  const CheckPorts& ports_;
  const CheckRequest& request_;
  const CallContext call_;
  state::TableStatePtr state_;
  ReadFaults faults_;
  CheckReport report_;
};

}  // namespace

Result<CheckReport> CheckTable(const CheckPorts& ports, const CheckRequest& request, const CallContext& call) {
  return TableCheck(ports, request, call.As(kCheckCaller)).Run();
}

}  // namespace sleeper::check
