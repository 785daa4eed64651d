#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sleeper/base/random.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/model/properties.h"
#include "sleeper/model/schema.h"
#include "sleeper/query/query_request.h"
#include "tests/oracle/expected_table.h"

namespace sleeper::oracle {

/// One to three row keys, up to two sort keys, and up to four value fields of any type, lists and maps included.
model::Schema RandomSchema(Random& random);

/// Values for the properties that shape files and compactions, small enough to matter in small tables.
model::Properties RandomProperties(Random& random);

/// Split points: keys, or leading parts of some, ascending.
std::vector<model::NormalisedKey> RandomSplitPoints(Random& random, const ExpectedTable& expected);

/// A query of any form. Half of its values are those of rows that are there.
Wanted RandomWanted(Random& random, const ExpectedTable& expected);

/// The same query in the terms of the program.
query::QueryRequest RequestOf(const Wanted& wanted, const model::Schema& schema);

}  // namespace sleeper::oracle
