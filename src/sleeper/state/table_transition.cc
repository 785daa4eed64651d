#include "sleeper/state/table_transition.h"

#include <variant>

#include "sleeper/state/apply.h"
#include "sleeper/state/state_edit.h"

namespace sleeper::state {

namespace {

TransactionOutcome ApplyTo(StateEdit& edit, const Transaction& transaction) {
  const bool creates = std::holds_alternative<DefineTable>(transaction);
  const bool drops = std::holds_alternative<DropTable>(transaction);
  if (!edit.base().exists() && !creates && !(drops && edit.base().dropped())) {
    return TransactionOutcome::Refused(
        Error(ErrorKind::kNotFound, edit.base().dropped() ? "the table was dropped" : "the table does not exist"));
  }
  Result<TransactionOutcome> outcome =
      std::visit([&](const auto& alternative) { return state::ApplyTo(edit, alternative); }, transaction);
  if (!outcome.ok()) return TransactionOutcome::Refused(outcome.status());
  return std::move(outcome).ValueUnsafe();
}

}  // namespace

std::string_view TransactionName(const Transaction& transaction) {
  static constexpr std::string_view kNames[] = {"DefineTable",     "DropTable",   "AddFiles",     "AssignJobs",
                                                "ReplaceFiles",    "ReleaseJobs", "RegisterJobs", "SplitPartitions",
                                                "MergePartitions", "ForgetFiles", "ForgetJobs",   "ClearTable",
                                                "RaiseSweepFloor", "RecordJobs",  "ForgetMarks"};
  static_assert(std::size(kNames) == std::variant_size_v<Transaction>);
  return kNames[transaction.index()];
}

TransactionOutcome Validate(const TableState& state, const Transaction& transaction, model::LogNumber number) {
  StateEdit edit(state, number);
  return ApplyTo(edit, transaction);
}

TableTransition Apply(const TableStatePtr& state, const Transaction& transaction, model::LogNumber number) {
  StateEdit edit(*state, number);
  TableTransition transition{ApplyTo(edit, transaction), state, 0};
  if (transition.outcome.applied()) {
    transition.state = edit.Finish();
    transition.bytes_written = edit.bytes_written();
  }
  return transition;
}

}  // namespace sleeper::state
