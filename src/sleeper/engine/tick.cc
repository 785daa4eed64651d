#include "sleeper/engine/tick.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace sleeper::engine {
namespace {

void Note(Status& first, const Status& status) {
  if (first.ok()) first = status;
}

/// The tables to look after; those that are offline are only noted. To look at one that is being dropped finishes that.
Result<std::vector<state::RegisteredTable>> ChooseTables(Instance& instance, const std::vector<model::TableName>& names,
                                                         TickResult& result, const CallContext& call) {
  TRY_ASSIGN(const std::vector<state::RegisteredTable> tables, instance.Tables(call));
  std::vector<state::RegisteredTable> chosen;
  for (const model::TableName& name : names) {
    if (std::none_of(tables.begin(), tables.end(), [&](const auto& table) { return table.name == name; })) {
      return WithHint(Error(ErrorKind::kNotFound, "there is no table called ", name),
                      "see which tables there are: sleeper table list");
    }
  }
  for (const state::RegisteredTable& table : tables) {
    const bool is_named = std::find(names.begin(), names.end(), table.name) != names.end();
    if (!names.empty() && !is_named) continue;
    if (table.online || (is_named && instance.IsBeingDropped(table.id))) {
      chosen.push_back(table);
    } else if (is_named) {
      result.offline.push_back(table.name);
    }
  }
  return chosen;
}

void TickInstance(Instance& instance, TickResult& result, const CallContext& call) {
  Result<SweepResult> swept = instance.SweepGoneTables(call);
  Note(result.failure, swept.status());
  if (swept.ok()) {
    result.gone_tables = *std::move(swept);
    Note(result.failure, result.gone_tables.failure);
  }
  Note(result.failure, instance.MaintainRegistry(call));
}

}  // namespace

Result<TickResult> Tick(Instance& instance, const std::vector<model::TableName>& names, const CallContext& call) {
  TickResult result;
  TRY_ASSIGN(const std::vector<state::RegisteredTable> tables, ChooseTables(instance, names, result, call));
  for (const state::RegisteredTable& chosen : tables) {
    TRY(call.Check(instance.clock()));
    const Result<std::unique_ptr<Table>> table = instance.OpenTable(chosen.name, call);
    TableTick tick = table.ok() ? (*table)->Tick(call) : TableTick{.name = chosen.name, .failure = table.status()};
    if (instance.IsGone(chosen, tick.failure, call)) {
      if (!names.empty()) result.gone.push_back(tick.failure.message());
      continue;
    }
    Note(result.failure, table.ok() ? WithContext(tick.failure, "table " + chosen.name.value()) : tick.failure);
    result.tables.push_back(std::move(tick));
  }
  if (names.empty()) TickInstance(instance, result, call);
  return result;
}

}  // namespace sleeper::engine
