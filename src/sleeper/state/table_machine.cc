#include "sleeper/state/table_machine.h"

#include <utility>
#include <vector>

#include "sleeper/state/field_codec.h"
#include "sleeper/state/state_edit.h"
#include "sleeper/state/table_records.h"

namespace sleeper::state {

namespace {

// The sections of a snapshot; final.
constexpr uint32_t kPartitions = 1;
constexpr uint32_t kFiles = 2;
constexpr uint32_t kReferences = 3;
constexpr uint32_t kJobs = 4;
constexpr uint32_t kOutcomes = 5;
constexpr uint32_t kConsumedInbox = 6;
constexpr uint32_t kMarks = 7;
constexpr uint32_t kUnreferenced = 8;
constexpr uint32_t kOutcomesByEnd = 9;
constexpr uint32_t kJobsByBirth = 10;
constexpr uint32_t kPartitionsByReferences = 11;

Status CheckNumber(std::string_view bytes) {
  return bytes.size() >= 8 ? Status::OK() : Error(ErrorKind::kCorrupt, "a number of the state is damaged");
}

Status CheckTime(std::string_view bytes) {
  ByteReader in(bytes);
  ReadTime(in);
  return in.Finish();
}

}  // namespace

bool TableMachine::WantsMark(const TableState& state, const TimeMark& seen, Duration spacing) {
  const std::optional<TimeMark> last = state.LastMark();
  return !last || (seen.number > last->number && seen.time - last->time >= spacing);
}

TableStatePtr TableMachine::WithMark(const TableStatePtr& state, const TimeMark& mark, model::LogNumber number) {
  StateEdit edit(*state, number);
  edit.AddMark(mark);
  return edit.Finish();
}

TableStatePtr TableMachine::Ended(model::LogNumber number) {
  auto state = std::make_shared<TableState>(TableState());
  state->number_ = number;
  state->dropped_ = true;
  return state;
}

std::string TableMachine::Encode(const Transaction& transaction) { return EncodeFields(transaction); }

Result<Transaction> TableMachine::Decode(std::string_view bytes) { return DecodeFields<Transaction>(bytes); }

SnapshotContents TableMachine::Dump(const TableState& state) {
  ByteWriter header;
  FieldEncoder fields(header);
  fields.Value(state.definition_ != nullptr);
  if (state.definition_ != nullptr) fields.Value(EncodeFields(*state.definition_));
  fields.Value(state.dropped_);
  fields.Value(state.sweep_floor_);
  fields.Value(state.last_add_);
  fields.Value(state.partitions_.next_number());
  fields.Value(state.totals_);
  return {std::move(header).Take(),
          {{kPartitions, state.partitions_.leaves()},
           {kFiles, state.files_},
           {kReferences, state.references_},
           {kJobs, state.jobs_},
           {kOutcomes, state.outcomes_},
           {kConsumedInbox, state.consumed_inbox_},
           {kMarks, state.marks_},
           {kUnreferenced, state.unreferenced_},
           {kOutcomesByEnd, state.outcomes_by_end_},
           {kJobsByBirth, state.jobs_by_birth_},
           {kPartitionsByReferences, state.partitions_by_references_}}};
}

Status TableMachine::CheckEntry(uint32_t section, MapKey key, std::string_view value) {
  switch (section) {
    case kFiles:
      return CheckFileEntry(key, value);
    case kReferences:
      return CheckReferenceEntry(key, value);
    case kJobs:
      return DecodeFields<UnfinishedJob>(value).status();
    case kOutcomes:
      return DecodeFields<JobOutcome>(value).status();
    case kPartitionsByReferences:
      TRY(CheckNumber(value));
      return CheckNumber(key.head);
    case kMarks:
      TRY(CheckTime(value));
      return CheckNumber(key.head);
    case kOutcomesByEnd:
    case kJobsByBirth:
      return CheckNumber(key.head);
    case kUnreferenced:
      return key.head.size() == 8 + PackedFileId::kBytes ? Status::OK() : CheckNumber({});
    default:
      // The partition map checks its leaves; the names of inbox files are what they are.
      return Status::OK();
  }
}

Result<TableStatePtr> TableMachine::Load(model::LogNumber number, const SnapshotContents& contents) {
  auto state = std::make_shared<TableState>(TableState());
  state->number_ = number;
  FieldDecoder header(contents.header);
  if (header.Value<bool>()) {
    TRY_ASSIGN(model::TableDefinition definition, DecodeFields<model::TableDefinition>(header.Value<std::string>()));
    StateEdit edit(*TableState::Empty(), 0);
    edit.Define(std::move(definition));
    const TableStatePtr defined = edit.Finish();
    state->definition_ = defined->definition_;
    state->shape_hash_ = defined->shape_hash_;
    state->job_memory_max_ = defined->job_memory_max_;
  }
  state->dropped_ = header.Value<bool>();
  state->sweep_floor_ = header.Value<model::LogNumber>();
  state->last_add_ = header.Value<model::LogNumber>();
  const auto next_partition = header.Value<uint64_t>();
  state->totals_ = header.Value<TableTotals>();
  TRY(header.Finish());

  PersistentMap leaves;
  const std::vector<std::pair<uint32_t, PersistentMap*>> sections = {
      {kPartitions, &leaves},
      {kFiles, &state->files_},
      {kReferences, &state->references_},
      {kJobs, &state->jobs_},
      {kOutcomes, &state->outcomes_},
      {kConsumedInbox, &state->consumed_inbox_},
      {kMarks, &state->marks_},
      {kUnreferenced, &state->unreferenced_},
      {kOutcomesByEnd, &state->outcomes_by_end_},
      {kJobsByBirth, &state->jobs_by_birth_},
      {kPartitionsByReferences, &state->partitions_by_references_},
  };
  if (contents.sections.size() != sections.size()) return Error(ErrorKind::kCorrupt, "the state has other parts");
  for (size_t i = 0; i < sections.size(); ++i) {
    const SnapshotSection& section = contents.sections[i];
    if (section.id != sections[i].first || section.map.suffix_bytes() != sections[i].second->suffix_bytes()) {
      return Error(ErrorKind::kCorrupt, "part ", section.id, " of the state is not where it should be");
    }
    *sections[i].second = section.map;
  }
  TRY_ASSIGN(state->partitions_, model::PartitionMap::FromLeaves(std::move(leaves), next_partition));
  TRY(CheckDerived(*state));
  return TableStatePtr(std::move(state));
}

}  // namespace sleeper::state
