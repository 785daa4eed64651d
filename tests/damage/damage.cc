#include "tests/damage/damage.h"

#include <numeric>
#include <utility>
#include <vector>

namespace sleeper::damage {
namespace {

struct Trigger {
  int64_t at = -1;
  int64_t turns = 0;
  bool struck = false;
};

Trigger& TheTrigger() {
  static Trigger trigger;
  return trigger;
}

// So many turns are taken. Which of them the fault strikes, or -1.
int64_t TakeTurns(int64_t count) {
  Trigger& trigger = TheTrigger();
  const int64_t first = trigger.turns;
  trigger.turns += count;
  const bool here = trigger.at >= first && trigger.at < trigger.turns;
  return here ? trigger.at - first : -1;
}

void NoteStruck() { TheTrigger().struck = true; }

constexpr uint8_t kBit = 4;

// One bit of the value of a slot; nothing if it has no bytes.
void AlterValue(file::PageRows& page, int64_t slot) {
  const bool is_null = page.shape.nullable() && page.valid[static_cast<size_t>(slot)] == 0;
  if (is_null) return;
  if (page.shape.type != file::PhysicalType::kByteArray) {
    const auto width = static_cast<size_t>(file::WidthOf(page.shape.type));
    page.fixed[static_cast<size_t>(slot) * width] ^= page.shape.type == file::PhysicalType::kBoolean ? 1 : kBit;
    return NoteStruck();
  }
  size_t begin = page.bytes.size();
  for (int64_t i = page.slots - 1; i >= slot; --i) begin -= static_cast<size_t>(page.sizes[static_cast<size_t>(i)]);
  if (page.sizes[static_cast<size_t>(slot)] == 0) return;
  page.bytes[begin] ^= kBit;
  NoteStruck();
}

// A byte goes over to the neighbour: all bytes stay, and their sum too.
void AlterLength(file::PageRows& page, int64_t slot, int64_t first) {
  if (page.shape.type != file::PhysicalType::kByteArray) return;
  const int64_t neighbour = slot > first ? slot - 1 : slot + 1;
  if (neighbour >= page.slots) return;
  int32_t& size = page.sizes[static_cast<size_t>(slot)];
  if (size == 0 || (page.shape.nullable() && page.valid[static_cast<size_t>(neighbour)] == 0)) return;
  --size;
  ++page.sizes[static_cast<size_t>(neighbour)];
  NoteStruck();
}

// A null has no bytes, so a value that has some stays one.
void AlterValidity(file::PageRows& page, int64_t slot) {
  if (!page.shape.nullable()) return;
  if (page.shape.type == file::PhysicalType::kByteArray && page.sizes[static_cast<size_t>(slot)] > 0) return;
  page.valid[static_cast<size_t>(slot)] ^= 1;
  NoteStruck();
}

// An element goes over to the neighbour: all elements stay.
void AlterListLength(file::PageRows& page, int64_t row, int64_t first) {
  const int64_t neighbour = row > first ? row - 1 : row + 1;
  if (neighbour >= page.rows) return;
  uint32_t& size = page.list_sizes[static_cast<size_t>(row)];
  if (size == 0 || (page.shape.nullable_rows() && page.valid_rows[static_cast<size_t>(neighbour)] == 0)) return;
  --size;
  ++page.list_sizes[static_cast<size_t>(neighbour)];
  NoteStruck();
}

void AlterListValidity(file::PageRows& page, int64_t row) {
  if (!page.shape.nullable_rows() || page.list_sizes[static_cast<size_t>(row)] > 0) return;
  page.valid_rows[static_cast<size_t>(row)] ^= 1;
  NoteStruck();
}

// The slots of the page's last `rows` rows.
int64_t SlotsOf(const file::PageRows& page, int64_t rows) {
  if (!page.shape.repeated) return rows;
  const auto lists = page.list_sizes.span().last(static_cast<size_t>(rows));
  return std::accumulate(lists.begin(), lists.end(), int64_t{0});
}

std::vector<uint8_t>& OwnSources() {
  static std::vector<uint8_t> sources;
  return sources;
}

// A page's arrays are read only for everybody else.
template <typename T>
T& Mutable(const T& value) {
  return const_cast<T&>(value);
}

}  // namespace

void Arm(int64_t at) { TheTrigger() = {.at = at}; }
int64_t Turns() { return TheTrigger().turns; }
bool HasStruck() { return TheTrigger().struck; }

bool Strikes() {
  if (TakeTurns(1) < 0) return false;
  NoteStruck();
  return true;
}

void Alter(file::PageRows& page, int64_t rows, Part part) {
  const bool of_lists = part == Part::kListLength || part == Part::kListValidity;
  if (of_lists && !page.shape.repeated) return;
  const int64_t count = of_lists ? rows : SlotsOf(page, rows);
  const int64_t turn = TakeTurns(count);
  if (turn < 0) return;
  const int64_t first = (of_lists ? page.rows : page.slots) - count;
  const int64_t at = first + turn;
  switch (part) {
    case Part::kValue:
      return AlterValue(page, at);
    case Part::kLength:
      return AlterLength(page, at, first);
    case Part::kValidity:
      return AlterValidity(page, at);
    case Part::kListLength:
      return AlterListLength(page, at, first);
    case Part::kListValidity:
      return AlterListValidity(page, at);
  }
}

/// The boundary of two lists moves by an element, or a null becomes an empty list.
static void AlterLists(const file::ColumnPage& page, const file::LeafShape& shape, Part part) {
  if (!shape.repeated) return;
  const int64_t row = TakeTurns(page.rows());
  if (row < 0) return;
  const uint32_t* const offsets = page.row_offsets();
  if (part == Part::kListLength) {
    if (row == 0 || offsets[row] == offsets[row + 1]) return;
    ++Mutable(offsets[row]);
    return NoteStruck();
  }
  if (page.valid_rows() == nullptr || offsets[row] != offsets[row + 1]) return;
  Mutable(page.valid_rows()[row]) ^= 1;
  NoteStruck();
}

void Alter(const file::ColumnPage& page, const file::LeafShape& shape, Part part) {
  if (part == Part::kListLength || part == Part::kListValidity) return AlterLists(page, shape, part);
  const file::FlatValues& values = page.values();
  const int64_t slot = TakeTurns(values.count);
  if (slot < 0) return;
  const bool is_null = values.valid != nullptr && values.valid[slot] == 0;
  if (part == Part::kValidity) {
    if (values.valid == nullptr) return;
    Mutable(values.valid[slot]) ^= 1;
    return NoteStruck();
  }
  if (is_null) return;
  if (values.views != nullptr) {
    const file::ByteView& view = values.views[slot];
    if (view.size == 0) return;
    if (part == Part::kLength) {
      --Mutable(view).size;
    } else {
      Mutable(values.bytes[view.begin]) ^= kBit;
    }
    return NoteStruck();
  }
  if (part == Part::kLength) return;
  Mutable(values.fixed[slot * file::WidthOf(shape.type)]) ^= shape.type == file::PhysicalType::kBoolean ? 1 : kBit;
  NoteStruck();
}

std::span<const uint8_t> Swapped(std::span<const uint8_t> sources) {
  const int64_t turn = sources.size() < 2 ? -1 : TakeTurns(static_cast<int64_t>(sources.size()) - 1);
  if (turn < 0 || sources[static_cast<size_t>(turn)] == sources[static_cast<size_t>(turn) + 1]) return sources;
  OwnSources().assign(sources.begin(), sources.end());
  std::swap(OwnSources()[static_cast<size_t>(turn)], OwnSources()[static_cast<size_t>(turn) + 1]);
  NoteStruck();
  return OwnSources();
}

rows::MergeStep Swapped(const rows::MergeStep& step) {
  rows::MergeStep swapped = step;
  swapped.sources = Swapped(step.sources);
  return swapped;
}

rows::MergeStep WithoutFirst(const rows::MergeStep& step, std::span<file::PageInput* const> inputs) {
  if (step.rows() < 2 || !Strikes()) return step;
  rows::MergeStep rest = step;
  if (step.sources.empty()) {
    inputs[static_cast<size_t>(step.run_input)]->Take(1);
    --rest.run_rows;
  } else {
    inputs[step.sources.front()]->Take(1);
    rest.sources = step.sources.subspan(1);
  }
  return rest;
}

rows::MergeStep FirstOf(const rows::MergeStep& step) {
  rows::MergeStep first = step;
  first.run_rows = step.sources.empty() ? 1 : 0;
  first.sources = step.sources.first(step.sources.empty() ? 0 : 1);
  return first;
}

model::KeyInterval OtherInterval(const model::KeyInterval& interval, const model::NormalisedKey& key) {
  if (!Strikes()) return interval;
  if (key > interval.lower && (!interval.upper || key < *interval.upper)) return {interval.lower, key};
  return model::KeyInterval::All();
}

}  // namespace sleeper::damage
