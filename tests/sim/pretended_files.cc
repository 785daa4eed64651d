#include "tests/sim/pretended_files.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sleeper/base/check.h"
#include "sleeper/state/layout.h"

namespace sleeper::sim {
namespace {

uint64_t Scramble(uint64_t value) { return SeededRandom(value).Next(); }

}  // namespace

model::TableDefinition PretendedDefinition() {
  model::SchemaFields fields;
  fields.row_keys.push_back({"key", model::TypeKind::kString});
  Result<model::Schema> schema = model::Schema::Make(std::move(fields));
  SLEEPER_CHECK(schema.ok(), schema.status().ToString());
  return {.schema = *schema};
}

model::RowHash HashOf(const std::vector<PretendedRow>& rows) {
  model::RowHash hash;
  for (const PretendedRow& row : rows) hash += {Scramble(row.number), Scramble(~row.number)};
  return hash;
}

state::NewFile PretendedFiles::Write(const model::FileId& id, const std::vector<PretendedRow>& rows) {
  SLEEPER_CHECK(!rows.empty() && std::is_sorted(rows.begin(), rows.end()), "no rows, or out of order");
  const bool is_new = files_.emplace(id, rows).second;
  SLEEPER_CHECK(is_new, "two files of one name: ", id);
  state::NewFile file;
  file.record = {.id = id,
                 .size_bytes = static_cast<int64_t>(100 * rows.size()),
                 .tail_bytes = 50,
                 .birth = *state::BirthOf(id),
                 .bounds = {rows.front().key, rows.back().key},
                 .rows = static_cast<int64_t>(rows.size()),
                 .row_hash = HashOf(rows)};
  return file;
}

state::NewFile PretendedFiles::WriteByLeaf(const model::FileId& id, std::vector<PretendedRow> rows,
                                           const state::TableState& state) {
  std::sort(rows.begin(), rows.end());
  state::NewFile file = Write(id, rows);
  for (const PretendedRow& row : rows) {
    const model::KeyInterval leaf = state.partitions().Find(row.key).interval;
    if (file.slices.empty() || file.slices.back().interval != leaf) file.slices.push_back({leaf, 0});
    ++file.slices.back().rows;
  }
  return file;
}

state::NewFile PretendedFiles::WriteInto(const model::FileId& id, std::vector<PretendedRow> rows,
                                         const model::KeyInterval& interval) {
  std::sort(rows.begin(), rows.end());
  state::NewFile file = Write(id, rows);
  file.slices.push_back({interval, file.record.rows});
  return file;
}

std::vector<PretendedRow> PretendedFiles::Read(const model::FileId& id, const model::KeyInterval& interval) const {
  const auto file = files_.find(id);
  SLEEPER_CHECK(file != files_.end(), "nobody wrote file ", id);
  std::vector<PretendedRow> rows;
  for (const PretendedRow& row : file->second) {
    if (interval.Contains(row.key)) rows.push_back(row);
  }
  return rows;
}

std::vector<uint64_t> PretendedFiles::ReadAll(const state::TableState& state) const {
  std::vector<uint64_t> numbers;
  for (state::ReferenceCursor at = state.References(); at.valid(); at.Next()) {
    const model::FileReference reference = at.reference();
    for (const PretendedRow& row : Read(reference.file, reference.interval)) numbers.push_back(row.number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace sleeper::sim
