#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sleeper/base/check.h"
#include "sleeper/state/frame.h"
#include "sleeper/state/inspect.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/state_digest.h"
#include "sleeper/state/table_machine.h"
#include "sleeper/state/testing/read_entry.h"
#include "sleeper/state/testing/sealed_bytes.h"
#include "sleeper/state/testing/test_table.h"

namespace sleeper::state {
namespace {

/// A table with two leaves, files in both, a compaction and an ingest under way, and a job that has ended.
TableStatePtr SomeState() {
  TestTable table({"m"});
  table.Add({table.File("a1", {"b", "k"}, 100),
             table.File("a2", {"c", "x"}, {{Interval("", "m"), 7}, {Interval("m", ""), 9}})});
  const UnfinishedJob compaction = table.Compaction("job-1", "c");
  table.Do(AssignJobs{{compaction}});
  UnfinishedJob ingest;
  ingest.id = model::JobId("job-3");
  ingest.kind = JobKind::kIngest;
  ingest.spec_hash = SpecHash("0123");
  ingest.shape_hash = table.state().shape_hash();
  ingest.earliest_birth = 1;
  table.Do(RegisterJobs{{ingest}});
  table.Do(AddFiles{CompletedJob{model::JobId("job-0"), SpecHash("cdef"), JobKind::kIngest, {}, {}},
                    table.state().shape_hash(),
                    {table.File("a3", {"n", "z"}, 50)}});
  return table.state_ptr();
}

void CheckState(const TableState& state) {
  const std::string broken = FindBrokenLaw(state);
  SLEEPER_CHECK(broken.empty() || state.dropped(), broken);
}

void ReadTableEntry(std::string_view bytes) {
  static const TableStatePtr some_state = SomeState();
  (void)ShowTableEntry(bytes, nullptr).ok();
  const std::optional<LogEntry> entry = ReadEntry(bytes);
  if (!entry) return;
  ReadTransactions<TableMachine>(*entry, some_state, CheckState);
  // A new table, too: its first transaction defines it.
  ReadTransactions<TableMachine>(*entry, TableState::Empty(), CheckState);
}

void ReadBody(std::string_view bytes) {
  (void)ShowTableBody(bytes, nullptr).ok();
  const Result<std::string_view> payload = OpenFrame(kBodyMagic, kEntryVersion, bytes, "body");
  if (!payload.ok()) return CheckRefusal(payload.status());
  const BodyReference reference{model::FileId("cd/0000000000000006-cd00000000000003"), payload->size(),
                                Checksum(*payload)};
  const Result<std::string_view> transaction = DecodeBody(bytes, reference, "body");
  if (transaction.ok()) ReadTransaction<TableMachine>(TableState::Empty(), *transaction, CheckState);
}

}  // namespace
}  // namespace sleeper::state

// The input is an entry of a table's log or a body, as it is and with a checksum that fits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper::state;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ReadTableEntry(bytes);
  ReadTableEntry(SealFrame(kEntryMagic, kEntryVersion, bytes));
  ReadBody(bytes);
  ReadBody(SealFrame(kBodyMagic, kEntryVersion, bytes));
  return 0;
}
