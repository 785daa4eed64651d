#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/mutex.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/query/run_query.h"
#include "sleeper/query/testing/query_table.h"
#include "sleeper/store/testing/intercepting_store.h"

// Queries whose files are collected while they run.

namespace sleeper::query {
namespace {

using model::Fails;
using model::ValueOf;
using store::StoreFunction;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::shared_ptr<const columnar::Layout> Numbers() {
  return columnar::LayoutOf(R"({"rowKeyFields": [{"name": "key", "type": "LongType"}],
                                "valueFields": [{"name": "text", "type": "StringType"}]})");
}

model::NormalisedKey Key(int64_t value) { return model::EncodeKey(std::vector<model::KeyValue>{value}); }

TEST(CollectedFiles, AQueryGoesOnBehindTheRowsThatItHasReturned) {
  QueryTable table(Numbers(), {Key(10)});
  table.AddFile({"[1, 2]", R"(["a", "b"])"});
  table.AddFile({"[2, 11]", R"(["c", "d"])"});
  std::vector<model::LogNumber> resumed;
  TablePorts ports = table.ports();
  ports.on_resume = [&](model::LogNumber number) { resumed.push_back(number); };
  // With a limit one partition is read after the other.
  const auto rows = ValueOf(RunQuery(ports, {.limit = 100, .on_expiry = OnExpiry::kResume}, CallContext()));
  EXPECT_THAT(columnar::TextOf(*ValueOf(rows->Next())), ElementsAre("(1, a)"));
  table.Rewrite({columnar::BatchOf(Numbers(), {"[0, 1, 2, 2, 11, 12]", R"(["new", "new", "b", "c", "d", "new"])"})});
  EXPECT_THAT(columnar::TextOf(ValueOf(rows::Collect(*rows))), ElementsAre("(2, b)", "(2, c)", "(11, d)", "(12, new)"))
      << "what came below the rows returned is not seen any more";
  EXPECT_THAT(resumed, ElementsAre(table.State()->number()));
}

TEST(CollectedFiles, AQueryThatGoesOnCanBeStoppedByALimitAndLeaveKeysOut) {
  QueryTable table(Numbers(), {Key(10), Key(20)});
  for (int64_t key : {1, 11, 21}) {
    table.AddFile({"[" + std::to_string(key) + "]", "[\"t" + std::to_string(key) + "\"]"});
  }
  const auto rows = ValueOf(table.Run({.select = {"text"}, .limit = 2, .on_expiry = OnExpiry::kResume}));
  EXPECT_THAT(columnar::TextOf(*ValueOf(rows->Next())), ElementsAre("(t1)"));
  table.Rewrite({columnar::BatchOf(Numbers(), {"[1, 11, 21]", R"(["t1", "t11", "t21"])"})});
  EXPECT_THAT(columnar::TextOf(ValueOf(rows::Collect(*rows))), ElementsAre("(t11)"));
}

TEST(CollectedFiles, AQueryThatMayGoOnStillFailsIfTheTableNamesAFileThatIsGone) {
  QueryTable table(Numbers(), {Key(10)});
  table.AddFile({"[1, 2]", R"(["a", "a"])"});
  const model::FileRecord lost = table.AddFile({"[11]", R"(["b"])"});
  const auto rows = ValueOf(table.Run({.limit = 100, .on_expiry = OnExpiry::kResume}));
  EXPECT_THAT(columnar::TextOf(*ValueOf(rows->Next())), ElementsAre("(1, a)"));
  table.DeleteObject(lost);
  EXPECT_THAT(rows->Next().status(), Fails(ErrorKind::kCorrupt, HasSubstr(lost.id.value())));
}

TEST(CollectedFiles, AQueryDoesNotBeginAgainForEver) {
  QueryTable table(Numbers());
  const columnar::Batch batch = columnar::BatchOf(Numbers(), {"[1]", R"(["a"])"});
  table.AddFile(batch);
  /// Collects whatever is about to be read.
  class Eager final : public store::InterceptingStore {
   public:
    Eager(store::ObjectStore& inner, QueryTable& table, columnar::Batch rows)
        : InterceptingStore(inner), table_(table), rows_(std::move(rows)) {}

   private:
    Status Before(const store::StoreCall& call) override {
      if (call.function == StoreFunction::kGetRange) table_.Rewrite({rows_});
      return Status::OK();
    }
    QueryTable& table_;
    const columnar::Batch rows_;
  } eager(table.store(), table, batch);
  table.RestartOn(eager);
  EXPECT_THAT(table.Rows({}).status(), Fails(ErrorKind::kNotFound, HasSubstr("snapshot expired")));
  EXPECT_THAT(table.Rows({.on_expiry = OnExpiry::kResume}).status(),
              Fails(ErrorKind::kNotFound, HasSubstr("snapshot expired")));
}

/// Rows of few keys, many of them equal. Their texts, "<key> <number> <letters>", tell them all apart.
class RandomRows {
 public:
  RandomRows(Random& random, int64_t rows) : random_(random) {
    for (int64_t number = 0; number < rows; ++number) {
      const auto key = static_cast<int64_t>(random.Below(kKeys) * random.Below(2));
      rows_.emplace_back(key, std::to_string(key) + " " + std::to_string(number) + " " + random.Hex(200));
    }
  }

  static constexpr uint64_t kKeys = 40;

  /// Each row in one of some files, at random.
  std::vector<columnar::Batch> InFiles() const {
    std::vector<std::pair<std::string, std::string>> columns(1 + random_.Below(4));
    for (const auto& [key, text] : rows_) {
      auto& [keys, texts] = columns[random_.Below(columns.size())];
      keys += (keys.empty() ? "" : ",") + std::to_string(key);
      texts += (texts.empty() ? "\"" : ",\"") + text + "\"";
    }
    std::vector<columnar::Batch> files;
    for (const auto& [keys, texts] : columns) {
      if (!keys.empty()) files.push_back(columnar::BatchOf(Numbers(), {"[" + keys + "]", "[" + texts + "]"}));
    }
    return files;
  }

  /// The rows as text in key order, those of equal keys in the order of their texts.
  std::vector<std::string> InOrder() const {
    auto rows = rows_;
    std::sort(rows.begin(), rows.end());
    std::vector<std::string> texts;
    for (const auto& [key, text] : rows) texts.push_back(text);
    return texts;
  }

 private:
  Random& random_;
  std::vector<std::pair<int64_t, std::string>> rows_;
};

/// Lays the table out anew before some of the reads.
class Rewriting final : public store::InterceptingStore {
 public:
  Rewriting(store::ObjectStore& inner, QueryTable& table, const RandomRows& rows, std::set<int64_t> moments)
      : InterceptingStore(inner), table_(table), rows_(rows), moments_(std::move(moments)) {}

 private:
  Status Before(const store::StoreCall& call) override {
    if (call.function != StoreFunction::kGetRange && call.function != StoreFunction::kGetRanges) return Status::OK();
    MutexLock lock(mutex_);
    if (moments_.contains(++reads_)) table_.Rewrite(rows_.InFiles());
    return Status::OK();
  }

  QueryTable& table_;
  const RandomRows& rows_;
  const std::set<int64_t> moments_;
  Mutex mutex_;
  int64_t reads_ SLEEPER_GUARDED_BY(mutex_) = 0;
};

int64_t KeyOfText(const std::string& text) { return std::stoll(text); }

/// What a query of the texts returned, and how it ended.
struct Returned {
  std::vector<std::string> texts;
  Status end;
};

Returned Drain(rows::RowStream& rows) {
  Returned returned;
  for (;;) {
    auto batch = rows.Next();
    if (!batch.ok()) returned.end = batch.status();
    if (!batch.ok() || !*batch) return returned;
    for (const std::string& row : columnar::TextOf(**batch)) returned.texts.push_back(row.substr(1, row.size() - 2));
  }
}

/// The same rows, those of equal keys in the order of their texts. Fails if they are not in key order.
std::vector<std::string> Ordered(std::vector<std::string> texts) {
  const auto by_key = [](const std::string& a, const std::string& b) { return KeyOfText(a) < KeyOfText(b); };
  EXPECT_TRUE(std::is_sorted(texts.begin(), texts.end(), by_key));
  std::sort(texts.begin(), texts.end(), [](const std::string& a, const std::string& b) {
    return std::pair(KeyOfText(a), a) < std::pair(KeyOfText(b), b);
  });
  return texts;
}

class RandomMoments : public ::testing::TestWithParam<uint64_t> {
 protected:
  /// Runs a query of all texts while the table is laid out anew at three moments.
  Returned Run(OnExpiry on_expiry, std::optional<int64_t> limit) {
    std::vector<model::NormalisedKey> split_points;
    for (uint64_t key = 1; key < RandomRows::kKeys; ++key) {
      if (random_.Below(4) == 0) split_points.push_back(Key(static_cast<int64_t>(key)));
    }
    QueryTable table(Numbers(), split_points);
    table.settings.page_rows_max = 8;
    table.settings.codec = model::CompressionCodec::kUncompressed;
    // Many small reads, so that there are many moments.
    table.limits = {.window_bytes_max = 1, .partitions_ahead_max = 1 + static_cast<int>(random_.Below(4))};
    for (const columnar::Batch& file : rows_.InFiles()) table.AddFile(file);
    std::set<int64_t> moments;
    while (moments.size() < 3) moments.insert(1 + static_cast<int64_t>(random_.Below(60)));
    Rewriting rewriting(table.store(), table, rows_, moments);
    table.RestartOn(rewriting);
    const auto stream = ValueOf(table.Run({.select = {"text"}, .limit = limit, .on_expiry = on_expiry}));
    return Drain(*stream);
  }

  SeededRandom random_{GetParam()};
  const RandomRows rows_{random_, 900};
};

TEST_P(RandomMoments, LoseAndDoubleNoRowOfAQueryThatGoesOn) {
  const Returned returned = Run(OnExpiry::kResume, std::nullopt);
  EXPECT_THAT(returned.end, Status::OK());
  EXPECT_EQ(Ordered(returned.texts), rows_.InOrder());
}

TEST_P(RandomMoments, LoseAndDoubleNoRowOfAQueryWithALimitThatGoesOn) {
  const auto limit = static_cast<int64_t>(1 + random_.Below(899));
  const Returned returned = Run(OnExpiry::kResume, limit);
  EXPECT_THAT(returned.end, Status::OK());
  const std::vector<std::string> all = rows_.InOrder();
  ASSERT_EQ(returned.texts.size(), static_cast<size_t>(limit));
  EXPECT_EQ(std::set<std::string>(returned.texts.begin(), returned.texts.end()).size(), static_cast<size_t>(limit));
  const std::vector<std::string> ordered = Ordered(returned.texts);
  for (size_t i = 0; i < ordered.size(); ++i) ASSERT_EQ(KeyOfText(ordered[i]), KeyOfText(all[i])) << "row " << i;
}

TEST_P(RandomMoments, LetAQueryOfOneSnapshotEndWellOrExpireBehindWhatItReturned) {
  const Returned returned = Run(OnExpiry::kFail, std::nullopt);
  const std::vector<std::string> all = rows_.InOrder();
  if (returned.end.ok()) {
    EXPECT_EQ(Ordered(returned.texts), all);
    return;
  }
  EXPECT_THAT(returned.end, Fails(ErrorKind::kNotFound, HasSubstr("snapshot expired")));
  EXPECT_FALSE(returned.texts.empty());
  const std::vector<std::string> ordered = Ordered(returned.texts);
  EXPECT_EQ(std::set<std::string>(ordered.begin(), ordered.end()).size(), ordered.size());
  for (size_t i = 0; i < ordered.size(); ++i) ASSERT_EQ(KeyOfText(ordered[i]), KeyOfText(all[i])) << "row " << i;
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomMoments, ::testing::Range(uint64_t{1}, uint64_t{9}));

}  // namespace
}  // namespace sleeper::query
