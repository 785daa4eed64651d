#pragma once

#include <type_traits>

#include "sleeper/state/job.h"
#include "sleeper/state/registry_state.h"
#include "sleeper/state/table_state.h"
#include "sleeper/state/transaction.h"

// The fields of every value that is stored, once: writing, reading and showing as JSON are visitors of these
// descriptions, so they cannot disagree. The order of the fields is the order of their bytes. A change here is a change
// of the format: see "Versions" in docs/formats/log-entry.md.
//
// A visitor has Field(name, value) for what shows itself, and Key(name, value) for normalised keys.

namespace sleeper::state {

/// T as the visitor sees it: a reader fills it in, the others only look.
template <typename Visitor, typename T>
using Visited = std::conditional_t<Visitor::kFillsIn, T, const T>;

template <typename V>
void Describe(V& v, Visited<V, model::KeyInterval>& x) {
  v.Key("lower", x.lower);
  v.Key("upper", x.upper);
}

template <typename V>
void Describe(V& v, Visited<V, model::KeyBounds>& x) {
  v.Key("min", x.min);
  v.Key("max", x.max);
}

template <typename V>
void Describe(V& v, Visited<V, model::FileRecord>& x) {
  v.Field("id", x.id);
  v.Field("sizeBytes", x.size_bytes);
  v.Field("tailBytes", x.tail_bytes);
  v.Field("birth", x.birth);
  v.Field("bounds", x.bounds);
  v.Field("rows", x.rows);
  v.Field("rowHash", x.row_hash);
}

template <typename V>
void Describe(V& v, Visited<V, JobCounts>& x) {
  v.Field("rowsRead", x.rows_read);
  v.Field("rowsWritten", x.rows_written);
  v.Field("filesIn", x.files_in);
  v.Field("filesOut", x.files_out);
}

template <typename V>
void Describe(V& v, Visited<V, JobRun>& x) {
  v.Field("started", x.started);
  v.Field("finished", x.finished);
}

template <typename V>
void Describe(V& v, Visited<V, ReferenceName>& x) {
  v.Field("file", x.file);
  v.Field("interval", x.interval);
}

template <typename V>
void Describe(V& v, Visited<V, UnfinishedJob>& x) {
  v.Field("id", x.id);
  v.Field("kind", x.kind);
  v.Field("specHash", x.spec_hash);
  v.Field("shapeHash", x.shape_hash);
  v.Field("earliestBirth", x.earliest_birth);
  v.Field("registered", x.registered);
  v.Field("inputs", x.inputs);
  v.Field("inbox", x.inbox);
  v.Field("specification", x.specification);
}

template <typename V>
void Describe(V& v, Visited<V, JobOutcome>& x) {
  v.Field("id", x.id);
  v.Field("kind", x.kind);
  v.Field("specHash", x.spec_hash);
  v.Field("result", x.result);
  v.Field("counts", x.counts);
  v.Field("message", x.message);
  v.Field("ended", x.ended);
  v.Field("run", x.run);
}

template <typename V>
void Describe(V& v, Visited<V, IntervalRows>& x) {
  v.Field("interval", x.interval);
  v.Field("rows", x.rows);
}

template <typename V>
void Describe(V& v, Visited<V, NewFile>& x) {
  v.Field("record", x.record);
  v.Field("slices", x.slices);
}

template <typename V>
void Describe(V& v, Visited<V, CompletedJob>& x) {
  v.Field("id", x.id);
  v.Field("specHash", x.spec_hash);
  v.Field("kind", x.kind);
  v.Field("counts", x.counts);
  v.Field("run", x.run);
}

template <typename V>
void Describe(V& v, Visited<V, DefineTable>& x) {
  v.Field("definition", x.definition);
  v.Key("splitPoints", x.split_points);
}

template <typename V>
void Describe(V&, Visited<V, DropTable>&) {}

template <typename V>
void Describe(V& v, Visited<V, AddFiles>& x) {
  v.Field("job", x.job);
  v.Field("shapeHash", x.shape_hash);
  v.Field("files", x.files);
}

template <typename V>
void Describe(V& v, Visited<V, AssignJobs>& x) {
  v.Field("jobs", x.jobs);
}

template <typename V>
void Describe(V& v, Visited<V, ConsumedInput>& x) {
  v.Field("file", x.file);
  v.Field("rows", x.rows);
  v.Field("rowHash", x.row_hash);
}

template <typename V>
void Describe(V& v, Visited<V, ReplaceFiles>& x) {
  v.Field("job", x.job);
  v.Field("shapeHash", x.shape_hash);
  v.Field("consumed", x.consumed);
  v.Field("outputs", x.outputs);
  v.Field("rowsRemoved", x.rows_removed);
  v.Field("run", x.run);
}

template <typename V>
void Describe(V& v, Visited<V, EndedJob>& x) {
  v.Field("id", x.id);
  v.Field("result", x.result);
  v.Field("message", x.message);
}

template <typename V>
void Describe(V& v, Visited<V, ReleaseJobs>& x) {
  v.Field("jobs", x.jobs);
}

template <typename V>
void Describe(V& v, Visited<V, RegisterJobs>& x) {
  v.Field("jobs", x.jobs);
}

template <typename V>
void Describe(V& v, Visited<V, PartitionSplit>& x) {
  v.Field("partition", x.partition);
  v.Key("boundaries", x.boundaries);
}

template <typename V>
void Describe(V& v, Visited<V, SplitPartitions>& x) {
  v.Field("splits", x.splits);
}

template <typename V>
void Describe(V& v, Visited<V, MergePartitions>& x) {
  v.Field("groups", x.groups);
}

template <typename V>
void Describe(V& v, Visited<V, CollectedFile>& x) {
  v.Field("id", x.id);
  v.Key("min", x.min);
}

template <typename V>
void Describe(V& v, Visited<V, ForgetFiles>& x) {
  v.Field("files", x.files);
  v.Field("inbox", x.inbox);
}

template <typename V>
void Describe(V& v, Visited<V, ForgetJobs>& x) {
  v.Field("through", x.through);
}

template <typename V>
void Describe(V& v, Visited<V, ClearTable>& x) {
  v.Field("decidedOn", x.decided_on);
}

template <typename V>
void Describe(V& v, Visited<V, RaiseSweepFloor>& x) {
  v.Field("floor", x.floor);
}

template <typename V>
void Describe(V& v, Visited<V, RecordJobs>& x) {
  v.Field("outcomes", x.outcomes);
}

template <typename V>
void Describe(V& v, Visited<V, ForgetMarks>& x) {
  v.Field("numbers", x.numbers);
}

template <typename V>
void Describe(V& v, Visited<V, TimeMark>& x) {
  v.Field("number", x.number);
  v.Field("time", x.time);
}

template <typename V>
void Describe(V& v, Visited<V, TableTotals>& x) {
  v.Field("rows", x.rows);
  v.Field("references", x.references);
  v.Field("inexactReferences", x.inexact_references);
  v.Field("assignedReferences", x.assigned_references);
  v.Field("files", x.files);
  v.Field("bytes", x.bytes);
  v.Field("unreferencedFiles", x.unreferenced_files);
  v.Field("unreferencedBytes", x.unreferenced_bytes);
}

template <typename V>
void Describe(V& v, Visited<V, RegisteredTable>& x) {
  v.Field("id", x.id);
  v.Field("name", x.name);
  v.Field("online", x.online);
  v.Field("registered", x.registered);
}

template <typename V>
void Describe(V& v, Visited<V, RegisterTable>& x) {
  v.Field("id", x.id);
  v.Field("name", x.name);
}

template <typename V>
void Describe(V& v, Visited<V, RenameTable>& x) {
  v.Field("id", x.id);
  v.Field("name", x.name);
}

template <typename V>
void Describe(V& v, Visited<V, SetTableOnline>& x) {
  v.Field("id", x.id);
  v.Field("online", x.online);
}

template <typename V>
void Describe(V& v, Visited<V, UnregisterTable>& x) {
  v.Field("id", x.id);
}

template <typename V>
void Describe(V& v, Visited<V, BarTable>& x) {
  v.Field("id", x.id);
}

template <typename V>
void Describe(V& v, Visited<V, SetInstanceProperties>& x) {
  v.Field("properties", x.properties);
  v.Field("basedOn", x.based_on);
}

template <typename V>
void Describe(V& v, Visited<V, RenameTableFrom>& x) {
  v.Field("id", x.id);
  v.Field("from", x.from);
  v.Field("to", x.to);
}

template <typename V>
void Describe(V& v, Visited<V, BeginTableDrop>& x) {
  v.Field("id", x.id);
  v.Field("name", x.name);
}

}  // namespace sleeper::state
