#include "sleeper/state/apply.h"

namespace sleeper::state {

Status CheckShape(const StateEdit& edit, const std::string& shape_hash) {
  if (shape_hash == edit.shape_hash()) return Status::OK();
  return WithHint(Error(ErrorKind::kConflict, "it was made for another schema, filter or aggregation of the table: ",
                        shape_hash, " is not ", edit.shape_hash()),
                  "make it again for the table as it is now");
}

Status CheckBirth(const StateEdit& edit, model::LogNumber birth, std::string_view what) {
  if (birth < edit.base().sweep_floor()) {
    return WithHint(Error(ErrorKind::kConflict, what, " was born at ", birth, ", below the sweep floor ",
                          edit.base().sweep_floor()),
                    "the job took too long: run it again under the same id");
  }
  if (birth > edit.base().number()) {
    return Error(ErrorKind::kInvalid, what, " says that it was born at ", birth, ", after the state ",
                 edit.base().number());
  }
  return Status::OK();
}

namespace {

Result<TransactionOutcome> Create(StateEdit& edit, const DefineTable& transaction) {
  if (transaction.definition.version != 1) {
    return Error(ErrorKind::kInvalid, "the first definition of a table has version ", transaction.definition.version);
  }
  if (static_cast<int64_t>(transaction.split_points.size()) >= kPartitionsMax) {
    return Error(ErrorKind::kExhausted, "a table has at most ", kPartitionsMax, " partitions");
  }
  if (!transaction.split_points.empty()) {
    TRY_ASSIGN(model::PartitionMap partitions, model::PartitionMap::Cut(transaction.split_points));
    edit.SetPartitions(std::move(partitions), model::KeyInterval::All());
  }
  edit.Define(transaction.definition);
  return TransactionOutcome::Applies();
}

}  // namespace

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const DefineTable& transaction) {
  if (edit.base().dropped()) return Error(ErrorKind::kNotFound, "the table was dropped");
  if (!edit.base().exists()) return Create(edit, transaction);
  const model::TableDefinition& current = edit.base().definition();
  if (transaction.definition == current && transaction.split_points.empty()) return TransactionOutcome::AlreadyDone();
  if (transaction.definition.version != current.version + 1) {
    return Error(ErrorKind::kConflict, "the table's definition has version ", current.version, ", and ",
                 transaction.definition.version, " does not follow on it");
  }
  if (!(transaction.definition.schema == current.schema)) {
    return Error(ErrorKind::kInvalid, "the schema of a table cannot be changed");
  }
  if (!transaction.split_points.empty()) {
    return Error(ErrorKind::kInvalid, "split points are given when a table is created; later, split its partitions");
  }
  edit.Define(transaction.definition);
  if (edit.shape_hash() == edit.base().shape_hash()) return TransactionOutcome::Applies();
  for (const UnfinishedJob& job : edit.base().Jobs()) {
    if (job.kind != JobKind::kCompaction) continue;
    EndWithoutEffect(edit, job, JobResult::kReleased, "the table's filters or aggregations have changed");
  }
  return TransactionOutcome::Applies();
}

Result<TransactionOutcome> ApplyTo(StateEdit& edit, const DropTable&) {
  if (edit.base().dropped()) return TransactionOutcome::AlreadyDone();
  edit.Drop();
  return TransactionOutcome::Applies();
}

}  // namespace sleeper::state
