#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/ingest/ingest_input.h"
#include "sleeper/rows/row_stream.h"

namespace sleeper::sim {

/// A row of the tables with real data files: a key that several may share, and a number that no other row has.
struct NumberRow {
  int64_t key = 0;
  int64_t number = 0;

  friend auto operator<=>(const NumberRow&, const NumberRow&) = default;
};

/// Their layout: row key "key", value "number".
std::shared_ptr<const columnar::Layout> NumberLayout();

/// An input that holds these rows.
ingest::InputOpener InputOf(std::vector<NumberRow> rows);

/// All rows of a stream, in its order. The layout is NumberLayout().
Result<std::vector<NumberRow>> ReadAll(rows::RowStream& stream);

}  // namespace sleeper::sim
