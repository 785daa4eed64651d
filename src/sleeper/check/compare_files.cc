#include "sleeper/check/compare_files.h"

#include <iterator>
#include <string>
#include <utility>

#include "sleeper/state/layout.h"

namespace sleeper::check {
namespace {

bool IsNeeded(const state::TableState& state, const model::FileRecord& file) {
  const std::optional<state::TrackedFile> tracked = state.FindFile(file.id, file.bounds.min);
  return tracked && tracked->references > 0;
}

}  // namespace

void Differences::Append(Differences other) {
  std::move(other.missing.begin(), other.missing.end(), std::back_inserter(missing));
  std::move(other.wrong_sizes.begin(), other.wrong_sizes.end(), std::back_inserter(wrong_sizes));
  std::move(other.unknown.begin(), other.unknown.end(), std::back_inserter(unknown));
}

Differences CompareFiles(const model::TableId& table, std::span<const state::TrackedFile> files,
                         std::span<const store::ObjectInfo> objects) {
  Differences differences;
  auto object = objects.begin();
  for (const state::TrackedFile& file : files) {
    const store::ObjectPath path = state::DataFilePath(table, file.record.id);
    for (; object != objects.end() && object->path < path; ++object) differences.unknown.push_back(*object);
    const bool is_there = object != objects.end() && object->path == path;
    const int64_t size = is_there ? (object++)->size : 0;
    if (file.references == 0) continue;
    if (!is_there) {
      differences.missing.push_back(file.record);
    } else if (size != file.record.size_bytes) {
      differences.wrong_sizes.push_back({file.record, size});
    }
  }
  differences.unknown.insert(differences.unknown.end(), object, objects.end());
  return differences;
}

std::optional<Finding> JudgeMissing(const model::TableId& table, const state::TableState& fresh,
                                    const model::FileRecord& file) {
  if (!IsNeeded(fresh, file)) return std::nullopt;
  return Finding{FindingKind::kMissing, state::DataFilePath(table, file.id).value(), file.size_bytes,
                 "it is part of the table but not in the store: " + std::to_string(file.rows) + " rows"};
}

std::optional<Finding> JudgeBad(const model::TableId& table, const state::TableState& fresh,
                                const model::FileRecord& file, std::string why) {
  if (!IsNeeded(fresh, file)) return std::nullopt;
  return Finding{FindingKind::kBad, state::DataFilePath(table, file.id).value(), file.size_bytes, std::move(why)};
}

Finding JudgeUnknown(const model::TableId& table, const state::TableState& fresh, const store::ObjectInfo& object,
                     const OrphanRule& rule) {
  const auto found = [&](FindingKind kind, std::string why) {
    return Finding{kind, object.path.value(), object.size, std::move(why)};
  };
  const std::optional<model::FileId> file = state::FileOfPath(table, object.path);
  if (!file) return found(FindingKind::kOrphan, "no data file has such a name");
  const model::LogNumber birth = *state::BirthOf(*file);
  if (birth < fresh.sweep_floor()) {
    return found(FindingKind::kOrphan, "it was born below the sweep floor: it can never become part of the table");
  }
  if (birth > fresh.number()) {
    return found(FindingKind::kInFlight, "its name says that it was born at log entry " + std::to_string(birth) +
                                             ", but the log ends at " + std::to_string(fresh.number()));
  }
  const std::optional<model::LogNumber> job_birth = fresh.least_job_birth();
  if (job_birth && birth >= *job_birth) {
    return found(FindingKind::kInFlight, "an unfinished job may still make it part of the table");
  }
  if (rule.now - object.last_modified < rule.age) {
    return found(FindingKind::kInFlight,
                 "an ingest may still make it part of the table: it is younger than the "
                 "property sweep.age.minutes");
  }
  return found(FindingKind::kOrphan, "it is older than the property sweep.age.minutes and of no unfinished job");
}

}  // namespace sleeper::check
