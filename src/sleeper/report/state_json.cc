#include "sleeper/report/state_json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sleeper/report/describe_json.h"

namespace sleeper::report {
namespace {

using nlohmann::ordered_json;

/// The part of a list that is shown, with the number of all.
ordered_json Part(int64_t total, ordered_json items) { return {{"total", total}, {"items", std::move(items)}}; }

template <typename T>
ordered_json Listed(const JsonVisitor& visitor, const std::vector<T>& values, int64_t items_max) {
  ordered_json items = ordered_json::array();
  for (const T& value : values) {
    if (static_cast<int64_t>(items.size()) >= items_max) break;
    items.push_back(visitor.Show(value));
  }
  return Part(static_cast<int64_t>(values.size()), std::move(items));
}

ordered_json IntervalJson(const model::Schema& schema, const model::KeyInterval& interval) {
  return {{"lower", KeyJson(schema, interval.lower)},
          {"upper", interval.upper ? KeyJson(schema, *interval.upper) : ordered_json(nullptr)}};
}

ordered_json ReferenceJson(const model::Schema& schema, const model::FileReference& reference) {
  return {{"file", reference.file.value()},
          {"interval", IntervalJson(schema, reference.interval)},
          {"rows", reference.rows},
          {"rowsExact", reference.rows_exact},
          {"job", reference.job ? ordered_json(reference.job->value()) : ordered_json(nullptr)},
          {"attempts", reference.attempts}};
}

ordered_json FileJson(const JsonVisitor& visitor, const state::TrackedFile& file) {
  ordered_json json = visitor.Show(file.record);
  json["references"] = file.references;
  json["unreferencedSince"] = file.unreferenced_since;
  json["consumedRows"] = file.consumed_rows;
  return json;
}

ordered_json PartitionList(const state::TableState& state, int64_t items_max) {
  const model::Schema& schema = state.definition().schema;
  ordered_json items = ordered_json::array();
  for (auto at = state.partitions().Begin(); at.valid(); at.Next()) {
    if (static_cast<int64_t>(items.size()) >= items_max) break;
    const model::Partition partition = at.partition();
    items.push_back({{"id", partition.id.value()}, {"interval", IntervalJson(schema, partition.interval)}});
  }
  return Part(state.partitions().size(), std::move(items));
}

ordered_json ReferenceList(const state::TableState& state, int64_t items_max) {
  ordered_json items = ordered_json::array();
  for (auto at = state.References(); at.valid(); at.Next()) {
    if (static_cast<int64_t>(items.size()) >= items_max) break;
    items.push_back(ReferenceJson(state.definition().schema, at.reference()));
  }
  return Part(state.totals().references, std::move(items));
}

ordered_json FileList(const JsonVisitor& visitor, const state::TableState& state, int64_t items_max) {
  const std::vector<state::TrackedFile> files = state.Files();
  ordered_json items = ordered_json::array();
  for (const state::TrackedFile& file : files) {
    if (static_cast<int64_t>(items.size()) >= items_max) break;
    items.push_back(FileJson(visitor, file));
  }
  return Part(static_cast<int64_t>(files.size()), std::move(items));
}

}  // namespace

ordered_json StateJson(const state::TableState& state, int64_t items_max) {
  ordered_json unused;
  const JsonVisitor visitor(state.definition().schema, unused);
  const int outcomes_max = static_cast<int>(std::min<int64_t>(items_max, 1'000'000));
  ordered_json outcomes = ordered_json::array();
  for (const state::JobOutcome& outcome : state.Outcomes(0, outcomes_max)) outcomes.push_back(visitor.Show(outcome));
  const MapDigest digest = state.digest();
  return {{"number", state.number()},
          {"digest", fmt::format("{:016x}{:016x}", digest.high, digest.low)},
          {"dropped", state.dropped()},
          {"definition", visitor.Show(state.definition())},
          {"shapeHash", state.shape_hash()},
          {"sweepFloor", state.sweep_floor()},
          {"lastAdd", state.last_add()},
          {"totals", visitor.Show(state.totals())},
          {"partitions", PartitionList(state, items_max)},
          {"references", ReferenceList(state, items_max)},
          {"files", FileList(visitor, state, items_max)},
          {"unfinishedJobs", Listed(visitor, state.Jobs(), items_max)},
          {"jobOutcomes", Part(state.remembered_jobs(), std::move(outcomes))}};
}

ordered_json TrackedFileJson(const state::TableState& state, const state::TrackedFile& file) {
  ordered_json unused;
  ordered_json json = FileJson(JsonVisitor(state.definition().schema, unused), file);
  ordered_json references = ordered_json::array();
  for (const model::FileReference& reference : state.ReferencesOf(file.record)) {
    references.push_back(ReferenceJson(state.definition().schema, reference));
  }
  json["references"] = std::move(references);
  return json;
}

}  // namespace sleeper::report
