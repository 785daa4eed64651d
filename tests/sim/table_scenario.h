#pragma once

#include "tests/sim/seeds.h"

namespace sleeper::sim {

/// A table with real data files at work: processes that ingest, compact, split, query and tidy at the same time. Every
/// answer of a query must be what the table held at some moment of the query.
Scenario TableScenario();

}  // namespace sleeper::sim
