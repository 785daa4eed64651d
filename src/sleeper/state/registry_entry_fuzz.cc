#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "sleeper/base/check.h"
#include "sleeper/state/frame.h"
#include "sleeper/state/inspect.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/registry_machine.h"
#include "sleeper/state/testing/sealed_bytes.h"

namespace sleeper::state {
namespace {

void CheckRefusal(const Status& status) {
  SLEEPER_CHECK(IsKind(status, ErrorKind::kCorrupt) || IsKind(status, ErrorKind::kInvalid), status.ToString());
}

RegistryStatePtr ReadTransaction(const RegistryStatePtr& state, std::string_view bytes) {
  const Result<RegistryTransaction> transaction = RegistryMachine::Decode(bytes);
  if (!transaction.ok()) {
    CheckRefusal(transaction.status());
    return state;
  }
  const Result<RegistryTransaction> again = RegistryMachine::Decode(RegistryMachine::Encode(*transaction));
  SLEEPER_CHECK(again.ok() && *again == *transaction, "another transaction is read than was written");
  RegistryTransition transition = RegistryMachine::Apply(state, *transaction, state->number() + 1);
  if (!transition.outcome.applied()) return state;
  for (const RegisteredTable& table : transition.state->Tables()) {
    SLEEPER_CHECK(transition.state->Find(table.id) == table, "table ", table.name, " is not found by its id");
    SLEEPER_CHECK(transition.state->Find(table.name) == table, "table ", table.name, " is not found by its name");
    SLEEPER_CHECK(!transition.state->IsGone(table.id), "table ", table.name, " is there and gone");
  }
  return std::move(transition.state);
}

void ReadEntry(std::string_view bytes) {
  (void)ShowRegistryEntry(bytes).ok();
  const Result<LogEntry> entry = DecodeEntry(bytes, "entry");
  if (!entry.ok()) return CheckRefusal(entry.status());
  RegistryStatePtr state = RegistryState::Empty();
  for (const auto& part : entry->transactions) {
    if (const auto* transaction = std::get_if<std::string>(&part)) state = ReadTransaction(state, *transaction);
  }
  (void)ShowRegistryState(*state);
}

}  // namespace
}  // namespace sleeper::state

// The input is an entry of the registry's log, as it is and with a checksum that fits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper::state;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ReadEntry(bytes);
  ReadEntry(SealFrame(kEntryMagic, kEntryVersion, bytes));
  return 0;
}
