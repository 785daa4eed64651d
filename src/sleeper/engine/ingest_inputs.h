#pragma once

#include "sleeper/base/random.h"
#include "sleeper/base/status.h"
#include "sleeper/engine/ingestion.h"
#include "sleeper/engine/input_buckets.h"
#include "sleeper/ingest/ingest_table.h"
#include "sleeper/model/properties.h"
#include "sleeper/store/scratch.h"

namespace sleeper::engine {

/// The identity of an ingest job: its inputs as they were named, and how they are read. A job without an id gets one.
Result<ingest::IngestRequest> IngestRequestOf(const IngestOptions& options, Random& random);

/// Finds the inputs when they are needed: all must outlive the lister and what it lists. What arrives through a pipe is
/// kept in `scratch` where its format has to be read from the end. The table's properties bound what is read at a time.
ingest::InputLister InputsOf(const IngestOptions& options, const model::Properties& properties, InputBuckets& buckets,
                             store::ScratchSpace& scratch);

}  // namespace sleeper::engine
