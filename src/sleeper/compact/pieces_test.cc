// However many pieces a compaction is done in, it comes to the same rows: for keys of every distribution.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/sort_order.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/compact/open_inputs.h"
#include "sleeper/compact/plan_compactions.h"
#include "sleeper/compact/run_compaction.h"
#include "sleeper/compact/testing/test_table.h"
#include "sleeper/file/data_file_reader.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/rows/row_stream.h"
#include "sleeper/state/layout.h"

namespace sleeper::compact {
namespace {

using columnar::Batch;
using model::ValueOf;

constexpr int64_t kRows = 800;

std::shared_ptr<const columnar::Layout> LayoutOfTwoKeys() {
  return columnar::LayoutOf(
      R"({"rowKeyFields": [{"name": "a", "type": "LongType"}, {"name": "b", "type": "StringType"}],
                                "sortKeyFields": [{"name": "c", "type": "IntType"}],
                                "valueFields": [{"name": "v", "type": "StringType", "nullable": true}]})");
}

/// Rows whose first key is what `first_key` draws, and of few second and third keys.
Batch RowsOfKeys(Random& random, const std::function<uint64_t()>& first_key) {
  std::vector<std::string> columns(4, "[");
  for (int64_t i = 0; i < kRows; ++i) {
    const std::string separator = i > 0 ? "," : "";
    columns[0] += separator + std::to_string(first_key());
    columns[1] += separator + "\"common" + std::to_string(random.Below(3)) + "\"";
    columns[2] += separator + std::to_string(random.Below(4));
    columns[3] += separator + (random.Below(4) == 0 ? "null" : "\"" + std::to_string(random.Next()) + "\"");
  }
  for (std::string& column : columns) column += "]";
  return columnar::BatchOf(LayoutOfTwoKeys(), columns);
}

/// How the rows of one file are drawn.
struct Distribution {
  std::string name;
  std::shared_ptr<const columnar::Layout> layout;
  std::function<Batch(Random&)> rows;
};

std::vector<Distribution> Distributions() {
  const auto keys = [](std::string name, uint64_t (*draw)(Random&)) {
    return Distribution{std::move(name), LayoutOfTwoKeys(),
                        [draw](Random& random) { return RowsOfKeys(random, [&] { return draw(random); }); }};
  };
  return {
      keys("all keys equal", [](Random&) { return uint64_t{7}; }),
      keys("two keys", [](Random& random) { return random.Below(2); }),
      keys("few keys", [](Random& random) { return random.Below(9); }),
      keys("many keys", [](Random& random) { return random.Below(uint64_t{1} << 40); }),
      keys("nine rows in ten of one key",
           [](Random& random) { return random.Below(10) > 0 ? uint64_t{500} : random.Below(1'000); }),
      keys("skewed", [](Random& random) { return random.Below(1 + random.Below(1 + random.Below(5'000))); }),
      {"every type, lists and maps", columnar::LayoutOfAllTypes(),
       [](Random& random) { return columnar::RandomBatch(columnar::LayoutOfAllTypes(), kRows / 3, random); }},
      {"every flat type", columnar::ReferenceLayout(),
       [](Random& random) { return columnar::ReferenceRows(kRows, random.Next()); }},
  };
}

/// The rows of a result, sorted as text, after a look at their order and at the bounds of the files.
std::vector<std::string> RowsOf(TestTable& table, const CompactionSpec& spec, const CompactionOutcome& outcome) {
  std::vector<std::string> rows;
  for (size_t i = 0; i < outcome.outputs.size(); ++i) {
    const model::FileRecord& record = outcome.outputs[i].record;
    if (i > 0) {
      EXPECT_LT(outcome.outputs[i - 1].record.bounds.max, record.bounds.min);
    }
    const auto reader = ValueOf(file::DataFileReader::Open(table.faults(), state::DataFilePath(table.id(), record.id),
                                                           record.size_bytes, record.tail_bytes,
                                                           columnar::Layout::Of(spec.schema), CallContext()));
    int64_t count = 0;
    for (const Batch& batch : ValueOf(rows::Collect(*reader->Scan({}, CallContext())))) {
      EXPECT_EQ(columnar::FirstOutOfOrder(batch), -1);
      count += batch.rows();
      std::ranges::move(columnar::TextOf(batch), std::back_inserter(rows));
    }
    EXPECT_EQ(count, record.rows);
  }
  std::ranges::sort(rows);
  return rows;
}

TEST(PiecesOfACompaction, HoldTheSameRowsHoweverManyThereAre) {
  size_t pieces_most = 0;
  uint64_t seed = 1;
  for (const Distribution& distribution : Distributions()) {
    SCOPED_TRACE(distribution.name + ", seed " + std::to_string(seed));
    SeededRandom random(seed++);
    TestTable table(distribution.layout);
    table.settings.page_rows_max = 4;
    table.settings.row_group_rows_max = 50 + static_cast<int64_t>(random.Below(500));
    for (int file = 0; file < 3; ++file) table.AddFile(distribution.rows(random));
    PlanRequest request;
    request.policy.mode = CompactionMode::kAll;
    request.policy.files_batch_size = 100;
    request.policy.file_bytes_target = 1;
    CompactionSpec spec = PlanCompactions(*table.State(), request).jobs.front();
    spec.file_settings = table.settings;
    CompactionPorts ports = {table.faults(), table.id(), table.executor(), table.ports().random};
    spec.file_bytes_target = int64_t{1} << 40;
    const CompactionOutcome whole = ValueOf(RunCompaction(ports, spec, CallContext()));
    ASSERT_EQ(whole.outputs.size(), 1U);
    const std::vector<std::string> expected = RowsOf(table, spec, whole);
    for (const int pieces : {1, 2, 3, 5, 8, 16}) {
      SCOPED_TRACE(std::to_string(pieces) + " pieces");
      spec.file_bytes_target = spec.bytes() / 16;
      ports.pieces_at_a_time = pieces;
      const CompactionOutcome outcome = ValueOf(RunCompaction(ports, spec, CallContext()));
      EXPECT_EQ(outcome.consumed, whole.consumed);
      ASSERT_TRUE(RowsOf(table, spec, outcome) == expected);
      const OpenInputs inputs = ValueOf(OpenInputs::Open(ports, spec, CallContext()));
      pieces_most = std::max(pieces_most, inputs.CutIntoPieces(pieces).size());
    }
  }
  EXPECT_EQ(pieces_most, 16U);
}

}  // namespace
}  // namespace sleeper::compact
