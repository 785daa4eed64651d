#include "sleeper/sort/spilled_runs.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/cancellation.h"
#include "sleeper/base/event.h"
#include "sleeper/columnar/row_hasher.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/sort/batch_rows.h"
#include "sleeper/sort/external_sort.h"
#include "sleeper/store/memory_scratch.h"
#include "sleeper/store/memory_store.h"

namespace sleeper::sort {
namespace {

using columnar::Batch;
using columnar::TextOf;
using model::Fails;
using model::ValueOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Scratch space in which the bytes of one run wait at a gate, once some blocks of them have passed.
class GatedScratch final : public store::ScratchSpace {
 public:
  GatedScratch(Executor& executor, int64_t run, int64_t blocks)
      : gated_run_(run), blocks_before_gate_(blocks), reached_(executor), open_(executor) {}

  Result<std::unique_ptr<store::ScratchWriter>> NewRun(const CallContext& call) override {
    TRY_ASSIGN(auto writer, inner_.NewRun(call));
    return std::make_unique<Writer>(std::move(writer), *this, runs_++ == gated_run_);
  }
  int64_t bytes_used() const override { return inner_.bytes_used(); }
  int64_t bytes_max() const override { return inner_.bytes_max(); }

  void AwaitWriter() { reached_.Wait(); }
  void Open() { open_.Set(); }

 private:
  class Writer final : public store::ScratchWriter {
   public:
    Writer(std::unique_ptr<store::ScratchWriter> inner, GatedScratch& space, bool gated)
        : inner_(std::move(inner)), space_(space), gated_(gated) {}

    Status Append(std::span<const uint8_t> bytes, const CallContext& call) override {
      if (gated_ && blocks_++ >= space_.blocks_before_gate_) {
        space_.reached_.Set();
        space_.open_.Wait();
      }
      return inner_->Append(bytes, call);
    }
    Result<std::unique_ptr<store::ScratchRun>> Finish(const CallContext& call) override { return inner_->Finish(call); }

   private:
    std::unique_ptr<store::ScratchWriter> inner_;
    GatedScratch& space_;
    const bool gated_;
    int64_t blocks_ = 0;
  };

  const int64_t gated_run_;
  const int64_t blocks_before_gate_;
  int64_t runs_ = 0;
  Event reached_;
  Event open_;
  store::MemoryScratch inner_{int64_t{1} << 30};
};

/// Rows that are written one at a time, each of which holds 100 bytes until then. The second one waits at a gate.
class GatedRows final : public SortedRows {
 public:
  GatedRows(Executor& executor, std::vector<Batch> rows)
      : left_(static_cast<int64_t>(rows.size())),
        rows_(std::make_unique<rows::VectorStream>(rows.front().shared_layout(), std::move(rows))),
        reached_(executor),
        open_(executor) {}

  void AwaitWriter() { reached_.Wait(); }
  void Open() { open_.Set(); }

  Result<std::optional<std::string_view>> NextRowKey() override { return rows_.NextRowKey(); }
  Result<int64_t> WriteTo(file::DataFileWriter& writer, const std::optional<model::NormalisedKey>& upper) override {
    if (writer.rows() == 1) {
      reached_.Set();
      open_.Wait();
    }
    TRY_ASSIGN(const int64_t written, rows_.WriteTo(writer, upper));
    left_ -= written;
    return written;
  }
  int64_t bytes() const override { return left_ * 100; }

 private:
  int64_t left_;
  BatchRows rows_;
  Event reached_;
  Event open_;
};

std::shared_ptr<const columnar::Layout> Numbers() {
  return columnar::LayoutOf(R"({"rowKeyFields":[{"name":"n","type":"LongType"}]})");
}

class SpilledRunsTest : public testing::Test {
 protected:
  inline static const SpilledRuns::Settings kSettings{.row_group_bytes_max = 1 << 10, .merge_bytes_max = 1 << 20};

  // Starts to write rows, each in a batch of its own.
  GatedRows& Write(SpilledRuns& runs, std::initializer_list<const char*> rows) {
    std::vector<Batch> batches;
    for (const char* const row : rows) batches.push_back(columnar::BatchOf(Numbers(), {row}));
    auto gated = std::make_unique<GatedRows>(executor_, std::move(batches));
    GatedRows& started = *gated;
    runs.Write(std::move(gated));
    return started;
  }

  static constexpr const char* kPath = "file";

  // Writes all rows to a data file, which proves their order.
  file::DataFileSummary WriteFile(SortedRows& rows, const std::shared_ptr<const columnar::Layout>& layout) {
    const auto writer = ValueOf(file::DataFileWriter::Open(store_, store::ObjectPath(kPath), layout, {}, {}));
    while (ValueOf(rows.WriteTo(*writer, std::nullopt)) > 0) {
    }
    return ValueOf(writer->Finish());
  }

  // What it holds then.
  std::vector<std::string> RowsIn(SortedRows& rows, const std::shared_ptr<const columnar::Layout>& layout) {
    const file::DataFileSummary summary = WriteFile(rows, layout);
    const store::ObjectPath path(kPath);
    const auto reader =
        ValueOf(file::DataFileReader::Open(store_, path, summary.size_bytes, summary.tail_bytes, layout, {}));
    return TextOf(ValueOf(rows::Collect(*reader->Scan({}, {}))));
  }

  SystemClock clock_;
  ThreadExecutor executor_{2, clock_};
  store::MemoryScratch scratch_{int64_t{1} << 30};
  store::MemoryStore store_{clock_};
};

TEST_F(SpilledRunsTest, ARunIsWrittenWhileItsOwnerGoesOnAndGivesItsMemoryBackOnTheWay) {
  SpilledRuns runs(scratch_, Numbers(), kSettings, executor_, {});
  GatedRows& rows = Write(runs, {"[10]", "[20]", "[30]"});
  rows.AwaitWriter();
  EXPECT_TRUE(runs.is_writing());
  ASSERT_TRUE(runs.AwaitBytesHeldBelow(201).ok());
  EXPECT_EQ(runs.bytes_held(), 200);
  EXPECT_EQ(runs.totals().runs, 0);

  rows.Open();
  ASSERT_TRUE(runs.AwaitBytesHeldBelow(200).ok());
  EXPECT_LT(runs.bytes_held(), 200);
  ASSERT_TRUE(runs.Join().ok());
  EXPECT_FALSE(runs.is_writing());
  EXPECT_EQ(runs.bytes_held(), 0);
  EXPECT_EQ(runs.totals().runs, 1);

  Write(runs, {"[11]", "[21]"}).Open();
  ASSERT_TRUE(runs.Join().ok());
  EXPECT_THAT(RowsIn(*ValueOf(runs.Merge()), Numbers()), ElementsAre("(10)", "(11)", "(20)", "(21)", "(30)"));
  EXPECT_EQ(scratch_.bytes_used(), 0);
}

TEST_F(SpilledRunsTest, WhoeverWaitsForMemoryIsToldOfAFailure) {
  store::MemoryScratch full(8);
  SpilledRuns runs(full, Numbers(), kSettings, executor_, {});
  Write(runs, {"[10]", "[20]"}).Open();
  EXPECT_THAT(runs.AwaitBytesHeldBelow(0), Fails(ErrorKind::kExhausted, HasSubstr("")));
  EXPECT_EQ(runs.bytes_held(), 0);
}

TEST_F(SpilledRunsTest, ARunThatNobodyWantsAnyMoreIsGivenUp) {
  {
    SpilledRuns runs(scratch_, Numbers(), kSettings, executor_, {});
    GatedRows& rows = Write(runs, {"[10]", "[20]", "[30]"});
    rows.AwaitWriter();
    rows.Open();
  }
  EXPECT_EQ(scratch_.bytes_used(), 0);
}

TEST_F(SpilledRunsTest, ACallThatIsCancelledEndsTheRunThatIsWritten) {
  Cancellation cancellation;
  {
    SpilledRuns runs(scratch_, Numbers(), kSettings, executor_, {.cancellation = &cancellation});
    GatedRows& rows = Write(runs, {"[10]", "[20]", "[30]"});
    rows.AwaitWriter();
    cancellation.Cancel();
    rows.Open();
    EXPECT_THAT(runs.Join(), Fails(ErrorKind::kCancelled, HasSubstr("")));
  }
  EXPECT_EQ(scratch_.bytes_used(), 0);
}

TEST_F(SpilledRunsTest, WhoeverWaitsForARunDoesSomethingElseMeanwhile) {
  for (const bool fails : {false, true}) {
    // The rows wait for what is done while others wait for them.
    GatedRows* gated = nullptr;
    SpilledRuns::Settings settings = kSettings;
    settings.while_waiting = [&] {
      if (gated != nullptr) std::exchange(gated, nullptr)->Open();
      return fails ? Error(ErrorKind::kConflict, "it took too long") : Status::OK();
    };
    SpilledRuns runs(scratch_, Numbers(), settings, executor_, {});
    gated = &Write(runs, {"[10]", "[20]", "[30]"});
    gated->AwaitWriter();
    const Status status = runs.Join();
    EXPECT_EQ(IsKind(status, ErrorKind::kConflict), fails);
    EXPECT_EQ(status.ok(), !fails);
  }
}

// In these two, whoever waits for the other hangs.
TEST_F(SpilledRunsTest, FlatRowsAreAddedWhileEarlierOnesAreSortedAndSpilled) {
  // With 2.5 MB, about half of the run, the first of its sections have been written.
  GatedScratch scratch(executor_, 0, 10);
  const auto sort =
      ValueOf(ExternalSort::Make(columnar::ReferenceLayout(), {.memory_bytes_max = 8 << 20}, scratch, executor_, {}));
  columnar::RowHasher added(columnar::ReferenceLayout());
  auto add = [&, next = uint64_t{0}]() mutable {
    const Batch batch = columnar::ReferenceRows(2'000, next++);
    added.Add(batch);
    ASSERT_TRUE(sort->Add(batch).ok());
  };
  while (!sort->is_spilling()) add();
  scratch.AwaitWriter();
  for (int i = 0; i < 3; ++i) add();
  EXPECT_EQ(sort->statistics().runs_spilled, 0);
  scratch.Open();
  const auto rows = ValueOf(sort->Finish());
  EXPECT_EQ(sort->statistics().runs_spilled, 2);
  EXPECT_EQ(WriteFile(*rows, columnar::ReferenceLayout()).row_hash, added.sum());
}

TEST_F(SpilledRunsTest, RowsWithListsAreAddedWhileEarlierOnesAreSortedAndSpilled) {
  SeededRandom random(1);
  const Batch all = columnar::RandomBatch(columnar::LayoutOfAllTypes(), 400, random);
  const std::vector<Batch> pieces = columnar::CutIntoPieces(all, 10);
  // The first run takes all of the memory; from then on, a run takes half.
  GatedScratch scratch(executor_, 1, 0);
  const auto sort =
      ValueOf(ExternalSort::Make(columnar::LayoutOfAllTypes(), {.memory_bytes_max = 64 << 10}, scratch, executor_, {}));
  size_t added = 0;
  while (sort->statistics().runs_spilled < 1) ASSERT_TRUE(sort->Add(pieces[added++]).ok());
  while (!sort->is_spilling()) ASSERT_TRUE(sort->Add(pieces[added++]).ok());
  scratch.AwaitWriter();
  ASSERT_TRUE(sort->Add(pieces[added++]).ok());
  EXPECT_EQ(sort->statistics().runs_spilled, 1);
  scratch.Open();
  while (added < pieces.size()) ASSERT_TRUE(sort->Add(pieces[added++]).ok());
  EXPECT_EQ(RowsIn(*ValueOf(sort->Finish()), columnar::LayoutOfAllTypes()), TextOf(columnar::SortedCopy({&all, 1})));
}

}  // namespace
}  // namespace sleeper::sort
