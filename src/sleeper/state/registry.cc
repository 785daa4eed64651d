#include "sleeper/state/registry.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sleeper/state/layout.h"
#include "sleeper/state/registry_log.h"
#include "sleeper/state/table_log.h"

namespace sleeper::state {

namespace {

/// A change of the properties is tried again so many times when others change them, too.
constexpr int kPropertyAttemptsMax = 16;

struct FoundTable {
  RegisteredTable table;
  bool is_being_dropped = false;
};

/// Damage to the log of a table that somebody wants to be rid of.
Status WithWayOut(const Status& failure, const model::TableId& table, std::string_view then) {
  if (!IsKind(failure, ErrorKind::kCorrupt)) return failure;
  return WithHint(failure,
                  "to give it up, remove what there is below " + TablePrefix(table).value() + std::string(then));
}

/// Ends the log of a table. If it has no entry, since somebody has removed its objects, there is nothing to end.
Status EndLog(TableLog& log, const model::TableId& table, const CallContext& call) {
  const auto committed = TableCommitter(log).Commit(std::vector<Transaction>{DropTable{}}, call);
  TRY(WithWayOut(committed.status(), table, ": the next tick finishes the rest"));
  const Status refusal = committed->status();
  return IsKind(refusal, ErrorKind::kNotFound) ? Status::OK() : refusal;
}

/// Of a drop that is decided and was cut short: nobody is to drop what has the name by the time that they read this.
Status CutShort(const Status& failure, const model::TableName& name, std::string_view how_far) {
  const Status told = WithContext(failure, how_far);
  if (IsKind(failure, ErrorKind::kCorrupt)) return told;
  return WithHint(told, "the next tick finishes that, and so does whatever opens it: sleeper status " + name.value());
}

}  // namespace

struct Registry::Logs {
  Logs(store::ObjectStore& object_store, const Clock& wall_clock, Random& random_bits, Executor& task_executor,
       LogOptions log_options)
      : store(object_store),
        clock(wall_clock),
        random(random_bits),
        executor(task_executor),
        options(log_options),
        log(object_store, wall_clock, random_bits, task_executor, LogLayout::ForRegistry(), std::move(log_options)) {}

  /// The log of one table.
  std::unique_ptr<TableLog> Open(const model::TableId& table) {
    return std::make_unique<TableLog>(store, clock, random, executor, LogLayout::ForTable(table), options);
  }

  Status Commit(RegistryTransaction transaction, const CallContext& call) {
    return CommitAnd(std::move(transaction), call).status();
  }

  /// Commit, with the state that it led to.
  Result<RegistryCommitter::CommitOutcome> CommitAnd(RegistryTransaction transaction, const CallContext& call) {
    auto outcome = committer.Commit(std::move(transaction), call);
    if (!IsKind(outcome.status(), ErrorKind::kOutcomeUnknown)) return outcome;
    return WithHint(outcome.status(), "see which tables there are, and what is being deleted: sleeper table list");
  }

  Result<FoundTable> Find(const model::TableName& name, const CallContext& call) {
    TRY_ASSIGN(const RegistryStatePtr state, log.Refresh(call));
    std::optional<RegisteredTable> table = state->Find(name);
    if (!table) return Error(ErrorKind::kNotFound, "there is no table called ", name);
    const bool is_being_dropped = state->IsBeingDropped(table->id);
    return FoundTable{std::move(*table), is_being_dropped};
  }

  store::ObjectStore& store;
  const Clock& clock;
  Random& random;
  Executor& executor;
  const LogOptions options;
  RegistryLog log;
  RegistryCommitter committer{log};
};

Registry::Registry(store::ObjectStore& store, const Clock& clock, Random& random, Executor& executor,
                   LogOptions options)
    : logs_(std::make_unique<Logs>(store, clock, random, executor, std::move(options))) {}

Registry::~Registry() = default;

Result<RegistryStatePtr> Registry::Refresh(const CallContext& call) { return logs_->log.Refresh(call); }

RegistryStatePtr Registry::current() const { return logs_->log.current(); }

Result<RegisteredTable> Registry::CreateTable(NewTable table, const CallContext& call) {
  if (!IsTableName(table.name)) {
    return WithHint(Error(ErrorKind::kInvalid, "not a name of a table: ", table.name),
                    "use 1 to 200 letters, digits, dots, underscores and hyphens, beginning with a letter or digit");
  }
  TRY(logs_->log.Refresh(call).status());
  TRY(FinishDropOf(table.name, call));
  if (current()->Find(table.name)) {
    return Error(ErrorKind::kConflict, "there is a table called ", table.name, " already");
  }
  const model::TableId id = MakeTableId(logs_->random);
  DefineTable define{std::move(table.definition), std::move(table.split_points)};
  define.definition.version = 1;
  const std::unique_ptr<TableLog> log = logs_->Open(id);
  const Status defined = TableCommitter(*log).Commit(std::move(define), call).status();
  if (IsKind(defined, ErrorKind::kOutcomeUnknown)) {
    // It has no name, so nobody can come to it: it makes no difference whether there is an entry. A sweep clears it
    // away.
    return WithHint(
        WithContext(WithKind(defined, ErrorKind::kUnavailable), "table " + table.name.value() + " was not created"),
        "create it again");
  }
  TRY(defined);
  const auto registered = logs_->CommitAnd(RegisterTable{id, table.name}, call);
  // What we have made cannot be reached then: a sweep bars its id and clears it away.
  TRY(registered.status());
  // The state that the commit led to: reading it once more could fail, and a table that was made is no failure.
  std::optional<RegisteredTable> made = registered->state->Find(id);
  if (!made) return Error(ErrorKind::kNotFound, "table ", table.name, " was dropped as soon as it was created");
  return std::move(*made);
}

Result<RegisteredTable> Registry::FindTable(const model::TableName& name, const CallContext& call) {
  TRY_ASSIGN(const FoundTable found, logs_->Find(name, call));
  if (!found.is_being_dropped) return found.table;
  // Whoever asks may be allowed to read only: that is no reason to tell anything else.
  const Status finished = FinishDrop(found.table.id, call);
  if (IsKind(finished, ErrorKind::kCancelled)) return finished;
  if (!finished.ok()) return Error(ErrorKind::kNotFound, "table ", name, " is being deleted");
  return Error(ErrorKind::kNotFound, "table ", name, " was being deleted, and is gone now");
}

Status Registry::RenameTable(const model::TableName& from, const model::TableName& to, const CallContext& call) {
  TRY_ASSIGN(const RegisteredTable table, FindTable(from, call));
  TRY(FinishDropOf(to, call));
  return logs_->Commit(RenameTableFrom{table.id, from, to}, call);
}

Status Registry::SetOnline(const model::TableName& name, bool online, const CallContext& call) {
  TRY_ASSIGN(const RegisteredTable table, FindTable(name, call));
  return logs_->Commit(SetTableOnline{table.id, online}, call);
}

Status Registry::DropTable(const model::TableName& name, const CallContext& call) {
  TRY_ASSIGN(const FoundTable found, logs_->Find(name, call));
  const model::TableId& id = found.table.id;
  const std::string table = "table " + name.value();
  // A drop that was decided and cannot be done would keep the name for ever: only what can be read can be ended.
  const std::unique_ptr<TableLog> log = logs_->Open(id);
  const Status readable = log->Refresh(call).status();
  if (!readable.ok() && !found.is_being_dropped) {
    return WithContext(WithWayOut(readable, id, ", and then delete it; or put it back from a copy"),
                       table + " cannot be deleted, and nothing was done");
  }
  // Between the look and this the table may have been renamed, and another created under the name. From here on it
  // cannot be, so that the log that is ended is that of the table which was asked for.
  const Status begun = logs_->Commit(BeginTableDrop{id, name}, call);
  if (IsKind(begun, ErrorKind::kOutcomeUnknown)) {
    return WithContext(begun, "it is not known whether " + table + " is being deleted");
  }
  TRY(begun);
  const Status ended = EndLog(*log, id, call);
  if (!ended.ok()) return CutShort(ended, name, table + " is being deleted, but its rows may still be there");
  const Status finished = logs_->Commit(UnregisterTable{id}, call);
  return CutShort(finished, name, "the rows of " + table + " are gone, but it is still listed");
}

Status Registry::FinishDrop(const model::TableId& id, const CallContext& call) {
  const RegistryStatePtr state = current();
  Status status;
  if (state != nullptr && state->IsBeingDropped(id)) status = EndLog(*logs_->Open(id), id, call);
  if (status.ok()) status = logs_->Commit(UnregisterTable{id}, call);
  if (IsKind(status, ErrorKind::kOutcomeUnknown)) {
    // Whoever comes next does the same again, so it makes no difference whether it was done.
    status = WithHint(WithKind(status, ErrorKind::kUnavailable), "the next tick does it again");
  }
  const std::optional<RegisteredTable> table = state != nullptr ? state->Find(id) : std::nullopt;
  return table ? WithContext(status, "table " + table->name.value() + " is still being deleted") : status;
}

Status Registry::FinishDropOf(const model::TableName& name, const CallContext& call) {
  const RegistryStatePtr state = current();
  const std::optional<RegisteredTable> table = state->Find(name);
  return table && state->IsBeingDropped(table->id) ? FinishDrop(table->id, call) : Status::OK();
}

Status Registry::BarTable(const model::TableId& id, const CallContext& call) {
  return logs_->Commit(state::BarTable{id}, call);
}

Result<RegistryStatePtr> Registry::SetProperties(const model::PropertyChanges& changes, const CallContext& call) {
  for (int attempt = 0; attempt < kPropertyAttemptsMax; ++attempt) {
    TRY_ASSIGN(const RegistryStatePtr state, logs_->log.Refresh(call));
    TRY_ASSIGN(model::PropertyMap properties,
               model::ChangeProperties(state->properties(), changes, model::PropertyScope::kInstance));
    const auto outcome =
        logs_->committer.Commit(SetInstanceProperties{std::move(properties), state->properties_version()}, call);
    if (outcome.ok()) return outcome->state;
    if (IsKind(outcome.status(), ErrorKind::kOutcomeUnknown)) {
      return WithHint(WithContext(outcome.status(), "it is not known whether the properties were set"),
                      "see which are set: sleeper instance describe; to set them again does no harm");
    }
    if (KindOf(outcome.status()) != ErrorKind::kConflict) return outcome.status();
  }
  return Error(ErrorKind::kConflict, "the properties of the instance keep changing");
}

Result<UpkeepOutcome> Registry::Maintain(const LogUpkeep& upkeep, const CallContext& call) {
  return logs_->log.Maintain(upkeep, call);
}

}  // namespace sleeper::state
