#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sleeper/base/check.h"
#include "sleeper/state/frame.h"
#include "sleeper/state/inspect.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/registry_machine.h"
#include "sleeper/state/testing/read_entry.h"
#include "sleeper/state/testing/sealed_bytes.h"

namespace sleeper::state {
namespace {

void CheckState(const RegistryState& state) {
  for (const RegisteredTable& table : state.Tables()) {
    SLEEPER_CHECK(state.Find(table.id) == table, "table ", table.name, " is not found by its id");
    SLEEPER_CHECK(state.Find(table.name) == table, "table ", table.name, " is not found by its name");
    SLEEPER_CHECK(!state.IsGone(table.id), "table ", table.name, " is there and gone");
  }
}

void ReadRegistryEntry(std::string_view bytes) {
  (void)ShowRegistryEntry(bytes).ok();
  const std::optional<LogEntry> entry = ReadEntry(bytes);
  if (entry) (void)ShowRegistryState(*ReadTransactions<RegistryMachine>(*entry, RegistryState::Empty(), CheckState));
}

}  // namespace
}  // namespace sleeper::state

// The input is an entry of the registry's log, as it is and with a checksum that fits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper::state;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ReadRegistryEntry(bytes);
  ReadRegistryEntry(SealFrame(kEntryMagic, kEntryVersion, bytes));
  return 0;
}
