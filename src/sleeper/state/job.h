#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sleeper/base/strong_id.h"
#include "sleeper/base/time.h"
#include "sleeper/model/ids.h"
#include "sleeper/model/key_interval.h"

namespace sleeper::state {

/// A hash of what a job was asked to do. The same job id with another hash is another job under a name that is taken.
using SpecHash = StrongId<"spec-hash">;

/// A file that waits for the batcher: its name below the table's inbox, "<up>-<random>".
using InboxFileId = StrongId<"inbox-file">;

enum class JobKind { kIngest, kCompaction, kImport, kExport };

enum class JobResult {
  kFinished,  ///< Its work is part of the table.
  kFailed,    ///< It was given up. What it commits later is refused.
  kReleased,  ///< Its references were given back. What it commits later is refused.
};

/// What a job did, for people and for the answer to a repeated delivery.
struct JobCounts {
  int64_t rows_read = 0;
  int64_t rows_written = 0;
  int64_t files_in = 0;
  int64_t files_out = 0;

  friend bool operator==(const JobCounts&, const JobCounts&) = default;
};

/// When a worker worked on a job, by that worker's clock: for people.
struct JobRun {
  WallTime started;
  WallTime finished;

  friend bool operator==(const JobRun&, const JobRun&) = default;
};

/// A reference by name: this file, exactly this interval.
struct ReferenceName {
  model::FileId file;
  model::KeyInterval interval;

  friend bool operator==(const ReferenceName&, const ReferenceName&) = default;
};

/// A job that the table knows and that has not ended: a compaction that has references, or a registered ingest, import
/// or export. While it lasts, the sweep floor does not pass `earliest_birth`.
struct UnfinishedJob {
  model::JobId id;
  JobKind kind = JobKind::kCompaction;
  SpecHash spec_hash;
  /// Of the table when the job was made; see model::TableDefinition::ShapeHash.
  std::string shape_hash;
  /// No file or plan of the job is born below it.
  model::LogNumber earliest_birth = 0;
  /// The entry that made it known. Set by Apply.
  model::LogNumber registered = 0;
  /// Compactions only: what it merges. All inputs lie in one partition at the time.
  std::vector<ReferenceName> inputs;
  /// Files of the inbox that the job consumes.
  std::vector<InboxFileId> inbox;
  /// Whatever its workers need besides; the state does not look into it.
  std::string specification;

  friend bool operator==(const UnfinishedJob&, const UnfinishedJob&) = default;
};

/// What is remembered of a job that has ended.
struct JobOutcome {
  model::JobId id;
  JobKind kind = JobKind::kIngest;
  SpecHash spec_hash;
  JobResult result = JobResult::kFinished;
  JobCounts counts;
  /// Why it failed, for people.
  std::string message;
  /// The entry that ended it. Set by Apply.
  model::LogNumber ended = 0;
  JobRun run;

  friend bool operator==(const JobOutcome&, const JobOutcome&) = default;
};

}  // namespace sleeper::state
