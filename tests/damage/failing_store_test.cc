// A store that fails at any one of the calls that a compaction or an ingest makes: an error that names what failed, and
// nothing of it is seen. Then the same work is done again, and comes to its end.

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/columnar/testing/batches.h"
#include "sleeper/compact/testing/test_table.h"
#include "sleeper/ingest/testing/test_table.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/state/layout.h"

namespace sleeper::damage {
namespace {

using model::ValueOf;
using store::FaultKind;
using store::FaultRule;
using testing::HasSubstr;

/// More calls than the work makes.
constexpr int64_t kCallsMax = 500;

std::shared_ptr<const columnar::Layout> NumbersLayout() {
  return columnar::LayoutOf(R"({"rowKeyFields":[{"name":"k","type":"LongType"}],
                                "valueFields":[{"name":"v","type":"StringType"}]})");
}

const std::vector<std::string>& TheRows() {
  static const std::vector<std::string> rows = {"(1, a)", "(2, b)", "(3, c)", "(4, d)"};
  return rows;
}

/// How a call fails, and on what.
struct Failure {
  FaultKind kind = FaultKind::kErrorBefore;
  ErrorKind error = ErrorKind::kDenied;
  /// Calls on data files only.
  bool data = false;
};

const std::vector<Failure>& Failures() {
  static const std::vector<Failure> failures = {
      {FaultKind::kErrorBefore, ErrorKind::kDenied, false},
      {FaultKind::kErrorBefore, ErrorKind::kUnavailable, false},
      {FaultKind::kErrorBefore, ErrorKind::kExhausted, true},
      {FaultKind::kErrorAfter, ErrorKind::kUnavailable, false},
      {FaultKind::kErrorAfter, ErrorKind::kThrottled, true},
      {FaultKind::kErrorAfter, ErrorKind::kOutcomeUnknown, false},
      {FaultKind::kTruncatedBody, ErrorKind::kInternal, true},
  };
  return failures;
}

FaultRule RuleOf(const Failure& failure, const model::TableId& table, int64_t call) {
  return {.kind = failure.kind,
          .error = failure.error,
          .path_prefix = failure.data ? state::DataPrefix(table).value() : "",
          .first = call};
}

TEST(FailingStore, ACompactionFailsAsAWholeAtEachOfItsCalls) {
  for (const Failure& failure : Failures()) {
    int64_t failed = 0;
    for (int64_t call = 1;; ++call) {
      SCOPED_TRACE(testing::Message() << "failure " << (&failure - Failures().data()) << " at call " << call);
      ASSERT_LT(call, kCallsMax);
      compact::TestTable table(NumbersLayout());
      table.AddFile(columnar::BatchOf(NumbersLayout(), {"[1,3]", R"(["a","c"])"}));
      table.AddFile(columnar::BatchOf(NumbersLayout(), {"[2,4]", R"(["b","d"])"}));
      table.Restart();
      table.faults().AddRule(RuleOf(failure, table.id(), call));
      compact::CompactTableRequest request;
      request.mode = compact::CompactionMode::kAll;
      const auto report = table.Compact(request);
      const Status status = report.ok() ? report->failure : report.status();
      const bool reached = table.faults().faults() > 0;
      table.faults().ClearRules();
      ASSERT_EQ(table.Rows(), TheRows());
      if (!reached) break;
      if (status.ok()) continue;
      ++failed;
      if (failure.data) {
        EXPECT_THAT(status.message(), HasSubstr(".parquet"));
      }
      table.Restart();
      request.take_over = compact::TakeOver::kAlways;
      const compact::CompactTableReport again = ValueOf(table.Compact(request));
      ASSERT_TRUE(again.failure.ok()) << again.failure;
      ASSERT_THAT(table.FilesPerPartition(), testing::ElementsAre(1));
      ASSERT_EQ(table.Rows(), TheRows());
      ASSERT_EQ(table.State()->unfinished_jobs(), 0);
    }
    EXPECT_GE(failed, 2) << "failure " << (&failure - Failures().data());
  }
}

TEST(FailingStore, AnIngestFailsAsAWholeAtEachOfItsCalls) {
  const std::vector<std::string> inputs = {R"({"k":3,"v":"c"})"
                                           "\n"
                                           R"({"k":1,"v":"a"})",
                                           R"({"k":2,"v":"b"})"
                                           "\n"
                                           R"({"k":4,"v":"d"})"};
  for (const Failure& failure : Failures()) {
    // It reads no object of the table's.
    if (failure.kind == FaultKind::kTruncatedBody) continue;
    int64_t failed = 0;
    for (int64_t call = 1;; ++call) {
      SCOPED_TRACE(testing::Message() << "failure " << (&failure - Failures().data()) << " at call " << call);
      ASSERT_LT(call, kCallsMax);
      ingest::TestTable table(NumbersLayout(), {model::EncodeKey(model::KeyTuple{int64_t{3}})});
      table.properties = ValueOf(model::Properties::Make({{"ingest.file.writing.strategy", "one_file_per_leaf"}}));
      table.faults().AddRule(RuleOf(failure, table.id(), call));
      const Status status = table.Ingest("job", inputs).status();
      const bool reached = table.faults().faults() > 0;
      table.faults().ClearRules();
      const std::vector<std::string> after = table.Rows();
      if (!reached) {
        ASSERT_EQ(after, TheRows());
        break;
      }
      if (status.ok()) continue;
      ++failed;
      // All or nothing, also if the answer was lost.
      ASSERT_TRUE(after.empty() || (after == TheRows() && IsKind(status, ErrorKind::kOutcomeUnknown))) << status;
      if (failure.data) {
        EXPECT_THAT(status.message(), HasSubstr(".parquet"));
      }
      table.Restart();
      ASSERT_EQ(ValueOf(table.Ingest("job", inputs)).already_done, !after.empty());
      ASSERT_EQ(table.Rows(), TheRows());
    }
    EXPECT_GE(failed, 2) << "failure " << (&failure - Failures().data());
  }
}

}  // namespace
}  // namespace sleeper::damage
