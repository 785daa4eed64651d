#include "sleeper/state/apply.h"

namespace sleeper::state {

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ForgetFiles& transaction) {
  if (transaction.files.empty() && transaction.inbox.empty()) return Error(ErrorKind::kInvalid, "no files are named");
  bool changes = false;
  for (const CollectedFile& collected : transaction.files) {
    const std::optional<TrackedFile> file = edit.FindFile(collected.id, collected.min);
    if (!file) continue;
    if (file->references > 0) {
      return Error(ErrorKind::kConflict, "file ", collected.id, " has ", file->references, " references");
    }
    edit.EraseFile(*file);
    changes = true;
  }
  for (const InboxFileId& file : transaction.inbox) {
    if (!edit.IsConsumed(file)) continue;
    const std::optional<model::LogNumber> birth = BirthOf(file);
    if (!birth || *birth >= edit.base().sweep_floor()) {
      return Error(ErrorKind::kConflict, "inbox file ", file, " is remembered until the sweep floor, now ",
                   edit.base().sweep_floor(), ", has passed its birth");
    }
    edit.ForgetInbox(file);
    changes = true;
  }
  return changes ? TransactionOutcome::Applies() : TransactionOutcome::AlreadyDone();
}

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const ClearTable& transaction) {
  const TableState& base = edit.base();
  if (transaction.decided_on > base.number()) {
    return Error(ErrorKind::kInvalid, "it was decided on state ", transaction.decided_on, ", which is to come");
  }
  if (base.last_add() > transaction.decided_on) {
    return Error(ErrorKind::kConflict, "files were added by entry ", base.last_add(),
                 ", after the table was looked at at ", transaction.decided_on);
  }
  if (base.totals().references == 0) return TransactionOutcome::AlreadyDone();
  edit.ClearReferences();
  return TransactionOutcome::Applies();
}

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const RaiseSweepFloor& transaction) {
  const TableState& base = edit.base();
  if (transaction.floor <= base.sweep_floor()) return TransactionOutcome::AlreadyDone();
  if (transaction.floor > base.number()) {
    return Error(ErrorKind::kInvalid, "a sweep floor of ", transaction.floor, " is after the state ", base.number());
  }
  const std::optional<model::LogNumber> birth = base.least_job_birth();
  if (birth && *birth < transaction.floor) {
    return Error(ErrorKind::kConflict, "an unfinished job writes files born at ", *birth,
                 " and holds the sweep floor below ", transaction.floor);
  }
  edit.RaiseSweepFloor(transaction.floor);
  return TransactionOutcome::Applies();
}

}  // namespace sleeper::state
