#include "sleeper/state/registry.h"

#include <optional>
#include <utility>

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

  /// Commits to the log of one table.
  Status CommitTo(const model::TableId& table, Transaction transaction, const CallContext& call) {
    TableLog table_log(store, clock, random, executor, LogLayout::ForTable(table), options);
    TableCommitter table_committer(table_log);
    return table_committer.Commit(std::move(transaction), call).status();
  }

  Status Commit(RegistryTransaction transaction, const CallContext& call) {
    return committer.Commit(std::move(transaction), call).status();
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
  TRY_ASSIGN(const RegistryStatePtr state, logs_->log.Refresh(call));
  const std::optional<RegisteredTable> known = state->Find(table.name);
  if (known && state->IsBeingDropped(known->id)) {
    TRY(FinishDrop(known->id, call));
  } else if (known) {
    return Error(ErrorKind::kConflict, "there is a table called ", table.name, " already");
  }
  const model::TableId id = MakeTableId(logs_->random);
  DefineTable define{std::move(table.definition), std::move(table.split_points)};
  define.definition.version = 1;
  TRY(logs_->CommitTo(id, std::move(define), call));
  const auto registered = logs_->committer.Commit(RegistryTransaction(RegisterTable{id, table.name}), call);
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
  TRY(FinishDrop(found.table.id, call));
  return Error(ErrorKind::kNotFound, "table ", name, " was being deleted, and is gone now");
}

Status Registry::RenameTable(const model::TableName& from, const model::TableName& to, const CallContext& call) {
  TRY_ASSIGN(const RegisteredTable table, FindTable(from, call));
  return logs_->Commit(RenameTableFrom{table.id, from, to}, call);
}

Status Registry::SetOnline(const model::TableName& name, bool online, const CallContext& call) {
  TRY_ASSIGN(const RegisteredTable table, FindTable(name, call));
  return logs_->Commit(SetTableOnline{table.id, online}, call);
}

Status Registry::DropTable(const model::TableName& name, const CallContext& call) {
  TRY_ASSIGN(const FoundTable found, logs_->Find(name, call));
  const RegisteredTable& table = found.table;
  // Between the look and this the table may have been renamed, and another created under the name. From here on it
  // cannot be, so that the log that is ended is that of the table which was asked for.
  TRY(logs_->Commit(BeginTableDrop{table.id, name}, call));
  const Status ended = logs_->CommitTo(table.id, state::DropTable{}, call);
  if (!ended.ok()) {
    return WithHint(WithContext(ended, "table " + name.value() + " is being deleted, but its rows may still be there"),
                    "delete it again; whatever opens it finishes that, too");
  }
  const Status finished = logs_->Commit(UnregisterTable{table.id}, call);
  if (finished.ok()) return finished;
  return WithHint(WithContext(finished, "the rows of table " + name.value() + " are gone, but it is still listed"),
                  "delete it again; whatever opens it takes it off the list, too");
}

Status Registry::FinishDrop(const model::TableId& id, const CallContext& call) {
  const RegistryStatePtr state = current();
  if (state != nullptr && state->IsBeingDropped(id)) TRY(logs_->CommitTo(id, state::DropTable{}, call));
  return logs_->Commit(UnregisterTable{id}, call);
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
    if (KindOf(outcome.status()) != ErrorKind::kConflict) return outcome.status();
  }
  return Error(ErrorKind::kConflict, "the properties of the instance keep changing");
}

Result<UpkeepOutcome> Registry::Maintain(const LogUpkeep& upkeep, const CallContext& call) {
  return logs_->log.Maintain(upkeep, call);
}

}  // namespace sleeper::state
