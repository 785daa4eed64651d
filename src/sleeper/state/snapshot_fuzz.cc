#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sleeper/base/check.h"
#include "sleeper/base/executor.h"
#include "sleeper/state/inspect.h"
#include "sleeper/state/registry_machine.h"
#include "sleeper/state/snapshot.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/testing/refusal.h"
#include "sleeper/state/testing/sealed_bytes.h"

namespace sleeper::state {
namespace {

Executor& OneThread() {
  static const SystemClock clock;
  static ThreadExecutor executor(1, clock);
  return executor;
}

/// Whatever is accepted can be looked at.
void Look(const TableState& state) {
  (void)ShowTableState(state, {.elements_max = 100});
  (void)state.files_per_partition();
  (void)state.least_job_birth();
  for (const model::Partition& leaf : state.partitions().All()) {
    (void)state.FilesIn(leaf.interval);
    (void)state.ReferenceCount(leaf);
  }
  (void)state.UnreferencedFiles(state.number(), 100);
  (void)state.Outcomes(0, 100);
}

/// And changed, as a process does that has opened it.
void Look(const RegistryState& state) {
  (void)ShowRegistryState(state);
  const auto opened = std::make_shared<RegistryState>(state);
  const auto after = [&](const RegistryTransaction& transaction) {
    return RegistryMachine::Apply(opened, transaction, state.number() + 1).state;
  };
  for (const RegisteredTable& table : state.Tables()) {
    SLEEPER_CHECK(state.Find(table.id) == table, "table ", table.name, " is not found by its id");
    (void)after(RenameTableFrom{table.id, table.name, model::TableName("another")});
    (void)after(SetTableOnline{table.id, !table.online});
    SLEEPER_CHECK(after(BeginTableDrop{table.id, table.name})->IsBeingDropped(table.id), "it cannot be dropped");
    SLEEPER_CHECK(!after(UnregisterTable{table.id})->Find(table.name), "it cannot be taken off the list");
  }
  for (const model::TableId& id : state.TablesBeingDropped()) {
    const std::optional<RegisteredTable> table = state.Find(id);
    SLEEPER_CHECK(table && table->id == id, "table ", id, " is being dropped and is not found");
  }
}

template <typename Machine>
void ReadState(const Buffer& bytes) {
  const Result<Snapshot> snapshot = DecodeSnapshot(bytes, Machine::CheckEntry, OneThread(), "snapshot");
  if (!snapshot.ok()) return CheckRefusal(snapshot.status());
  const auto state = Machine::Load(snapshot->position.number, snapshot->contents);
  if (!state.ok()) return CheckRefusal(state.status());
  // As a log does: contents that are not those that were written go no further. What a state derives from its contents
  // is not in the digest.
  if ((*state)->digest() == snapshot->position.digest) Look(**state);
}

void ReadSnapshot(std::string_view text) {
  const Buffer bytes = Buffer::CopyOf(text);
  (void)ShowSnapshot(bytes).ok();
  ReadState<TableMachine>(bytes);
  ReadState<RegistryMachine>(bytes);
  const auto size = static_cast<int64_t>(text.size());
  if (size < kSnapshotFooterBytes) return;
  const Result<ByteRange> index =
      FindSnapshotIndex(text.substr(static_cast<size_t>(size - kSnapshotFooterBytes)), size, "snapshot");
  if (!index.ok()) return CheckRefusal(index.status());
  (void)DecodeSnapshotPosition(text.substr(static_cast<size_t>(index->offset)), index->offset, "snapshot").ok();
}

}  // namespace
}  // namespace sleeper::state

// The input is a snapshot of a table or of the registry, as it is and with checksums that fit.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper::state;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ReadSnapshot(bytes);
  ReadSnapshot(SealSnapshot(bytes));
  return 0;
}
