#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "sleeper/base/check.h"
#include "sleeper/state/frame.h"
#include "sleeper/state/inspect.h"
#include "sleeper/state/log_entry.h"
#include "sleeper/state/state_digest.h"
#include "sleeper/state/table_machine.h"
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

void CheckRefusal(const Status& status) {
  SLEEPER_CHECK(IsKind(status, ErrorKind::kCorrupt) || IsKind(status, ErrorKind::kInvalid), status.ToString());
}

/// A transaction that can be read has one form, and what fits a state leads to a state.
TableStatePtr ReadTransaction(const TableStatePtr& state, std::string_view bytes) {
  const Result<Transaction> transaction = TableMachine::Decode(bytes);
  if (!transaction.ok()) {
    CheckRefusal(transaction.status());
    return state;
  }
  const Result<Transaction> again = TableMachine::Decode(TableMachine::Encode(*transaction));
  SLEEPER_CHECK(again.ok() && *again == *transaction, "another transaction is read than was written");
  const TableTransition transition = TableMachine::Apply(state, *transaction, state->number() + 1);
  if (!transition.outcome.applied()) return state;
  const std::string broken = FindBrokenLaw(*transition.state);
  SLEEPER_CHECK(broken.empty() || transition.state->dropped(), broken);
  return transition.state;
}

void ReadEntry(std::string_view bytes) {
  static const TableStatePtr some_state = SomeState();
  (void)ShowTableEntry(bytes, nullptr).ok();
  const Result<LogEntry> entry = DecodeEntry(bytes, "entry");
  if (!entry.ok()) return CheckRefusal(entry.status());
  const Result<LogEntry> again = DecodeEntry(EncodeEntry(*entry), "entry");
  SLEEPER_CHECK(again.ok() && *again == *entry, "another entry is read than was written");
  TableStatePtr state = some_state;
  for (const auto& part : entry->transactions) {
    if (const auto* transaction = std::get_if<std::string>(&part)) state = ReadTransaction(state, *transaction);
  }
  // A new table, too: its first transaction defines it.
  state = TableState::Empty();
  for (const auto& part : entry->transactions) {
    if (const auto* transaction = std::get_if<std::string>(&part)) state = ReadTransaction(state, *transaction);
  }
}

void ReadBody(std::string_view bytes) {
  (void)ShowTableBody(bytes, nullptr).ok();
  const Result<std::string_view> payload = OpenFrame(kBodyMagic, kEntryVersion, bytes, "body");
  if (!payload.ok()) return CheckRefusal(payload.status());
  const BodyReference reference{model::FileId("cd/0000000000000006-cd00000000000003"), payload->size(),
                                Checksum(*payload)};
  const Result<std::string_view> transaction = DecodeBody(bytes, reference, "body");
  if (transaction.ok()) ReadTransaction(TableState::Empty(), *transaction);
}

}  // namespace
}  // namespace sleeper::state

// The input is an entry of a table's log or a body, as it is and with a checksum that fits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper::state;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ReadEntry(bytes);
  ReadEntry(SealFrame(kEntryMagic, kEntryVersion, bytes));
  ReadBody(bytes);
  ReadBody(SealFrame(kBodyMagic, kEntryVersion, bytes));
  return 0;
}
