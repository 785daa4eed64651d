// Merges that are damaged between their inputs and what they write are refused: nothing is committed, the error names a
// file, and what was written is found by a sweep. See README.md.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <regex>
#include <seeded_defects.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sleeper/base/random.h"
#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/testing/outcome.h"
#include "tests/damage/damage.h"
#include "tests/damage/damaged_inputs.h"
#include "tests/damage/merge_attempt.h"

namespace sleeper::damage {
namespace {

using model::Fails;
using model::ValueOf;
using sim::SeededDefect;
using testing::HasSubstr;

/// Sanitizers make a merge some thirty times dearer; the optimised build, in which every check is on, does them all.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kShare = 10;
#else
constexpr int kShare = 1;
#endif

/// Refused merges, of faults in memory and of inputs that are other ones. A thousand together.
constexpr int kFaultsInMemory = 800 / kShare;
constexpr int kDamagedInputs = 300 / kShare;
/// Of each fault in memory, however often it strikes without effect.
constexpr int kRefusedMin = 10 / kShare;

/// One fault is switched on while this is alive.
class SwitchedOn {
 public:
  SwitchedOn(SeededDefect defect, int64_t at) {
    sim::switched_on = defect;
    Arm(at);
  }
  ~SwitchedOn() { sim::switched_on = SeededDefect::kNone; }
};

/// What is wrong with how a merge was refused, or nothing.
std::string WrongWith(const Status& refusal, MergeAttempt& attempt) {
  const ErrorKind kind = KindOf(refusal);
  if (kind != ErrorKind::kCorrupt && kind != ErrorKind::kInternal && kind != ErrorKind::kInvalid) {
    return "it is of another kind";
  }
  static const std::regex file_id("[0-9a-f]{2}/[0-9a-f]{16}-[0-9a-f]{16}");
  if (!std::regex_search(refusal.message(), file_id)) return "no file is named";
  return attempt.LeftBehind();
}

enum class Fate {
  kNoEffect,
  kRefused,
  kRefusedLater,  ///< When the last slices of the files were read, and all of them together were other rows.
  kAccepted,
};

/// A merge of random rows in which the fault strikes at a random turn. `part` of the table, if it is to be split.
Fate Strike(SeededDefect fault, Inputs inputs, uint64_t seed, bool slices) {
  MergeAttempt attempt(inputs, seed);
  if (slices) attempt.Split();
  SeededRandom random(seed);
  int64_t turns = 0;
  {
    const SwitchedOn counting(fault, -1);
    const auto merged = attempt.Merge();
    EXPECT_TRUE(merged.ok()) << merged.status();
    turns = Turns();
  }
  if (turns == 0) return Fate::kNoEffect;
  Status status;
  {
    const SwitchedOn striking(fault, static_cast<int64_t>(random.Below(static_cast<uint64_t>(turns))));
    status = attempt.MergeAndCommit();
  }
  if (!status.ok()) {
    EXPECT_TRUE(HasStruck()) << status;
    EXPECT_EQ(WrongWith(status, attempt), "") << status;
    return Fate::kRefused;
  }
  // The fault may have changed nothing: a row that it swapped with an equal one, a row of the other partition.
  if (attempt.Rows() == attempt.expected()) return Fate::kNoEffect;
  if (!slices) return Fate::kAccepted;
  status = attempt.CompactRest();
  if (status.ok()) return Fate::kAccepted;
  EXPECT_THAT(status, Fails(ErrorKind::kCorrupt, HasSubstr("compactions have read others")));
  return Fate::kRefusedLater;
}

TEST(DamagedMerge, IsRefusedWhereverAFaultInMemoryStrikes) {
  std::map<std::string_view, int> refused;
  int refused_later = 0;
  int total = 0;
  const auto has_struck_enough = [&] {
    return total >= kFaultsInMemory && std::ranges::all_of(sim::kSeededDefects, [&](const auto& fault) {
             return fault.scenario == "none" || refused[fault.name] >= kRefusedMin;
           });
  };
  // Some strikes have no effect.
  for (uint64_t seed = 0; !has_struck_enough() && seed < 3 * kFaultsInMemory; ++seed) {
    const sim::SeededDefectText& fault = sim::kSeededDefects[seed % std::size(sim::kSeededDefects)];
    if (fault.scenario == "none") continue;
    SCOPED_TRACE(std::string(fault.name) + ", seed " + std::to_string(seed));
    SeededRandom random(seed);
    const Inputs of_merge = fault.scenario == "lists" || random.Below(2) == 0 ? Inputs::kNested : Inputs::kFlat;
    const Inputs inputs = fault.scenario == "copy" ? Inputs::kDisjoint : of_merge;
    const Fate fate = Strike(fault.defect, inputs, seed, random.Below(3) == 0);
    ASSERT_NE(fate, Fate::kAccepted) << fault.what;
    if (fate == Fate::kNoEffect) continue;
    ++refused[fault.name];
    refused_later += fate == Fate::kRefusedLater ? 1 : 0;
    ++total;
  }
  EXPECT_GE(refused_later, kFaultsInMemory / 20);
  EXPECT_GE(total, kFaultsInMemory);
  for (const sim::SeededDefectText& fault : sim::kSeededDefects) {
    if (fault.scenario == "none") continue;
    EXPECT_GE(refused[fault.name], kRefusedMin) << fault.what;
  }
}

TEST(DamagedMerge, IsAcceptedWithoutDamage) {
  for (const Inputs inputs : {Inputs::kFlat, Inputs::kNested, Inputs::kDisjoint, Inputs::kEqual}) {
    for (uint64_t seed = 0; seed < 40 / kShare; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      MergeAttempt attempt(inputs, seed);
      if (seed % 2 == 1) attempt.Split();
      const Status status = attempt.MergeAndCommit();
      ASSERT_TRUE(status.ok()) << status;
      EXPECT_EQ(attempt.Rows(), attempt.expected());
    }
  }
}

/// Ways in which an object can be another one than it was, all of them with right checksums.
enum class Change { kBit, kPageOfTheFile, kPageOfAnotherFile, kOtherFile };

std::string Changed(Change change, MergeAttempt& attempt, size_t input, Random& random) {
  const model::Schema& schema = attempt.spec().schema;
  const model::FileRecord& record = attempt.spec().inputs[input].file;
  const size_t other = (input + 1) % attempt.spec().inputs.size();
  const std::string bytes = attempt.Read(input);
  const std::string other_bytes = attempt.Read(other);
  const auto pages = PagesOf(bytes, record, schema);
  switch (change) {
    case Change::kBit:
      return WithChangedBit(bytes, pages, random);
    case Change::kPageOfTheFile:
      return WithForeignPage(bytes, pages, bytes, pages, random);
    case Change::kPageOfAnotherFile:
      return WithForeignPage(bytes, pages, other_bytes, PagesOf(other_bytes, attempt.spec().inputs[other].file, schema),
                             random);
    case Change::kOtherFile:
      break;
  }
  return other_bytes;
}

TEST(DamagedMerge, IsRefusedIfAnInputIsAnotherOneThanItWas) {
  std::map<Change, int> refused;
  int total = 0;
  for (uint64_t seed = 0; total < kDamagedInputs && seed < 3 * kDamagedInputs; ++seed) {
    const auto change = static_cast<Change>(seed % 4);
    SCOPED_TRACE("change " + std::to_string(seed % 4) + ", seed " + std::to_string(seed));
    SeededRandom random(seed);
    constexpr std::array kInputs = {Inputs::kEqual, Inputs::kDisjoint, Inputs::kEqual, Inputs::kNested,
                                    Inputs::kFlat,  Inputs::kDisjoint, Inputs::kEqual};
    MergeAttempt attempt(kInputs[seed % kInputs.size()], seed);
    const size_t input = random.Below(attempt.spec().inputs.size());
    const std::string good = attempt.Read(input);
    const std::string bad = Changed(change, attempt, input, random);
    if (bad == good) continue;
    attempt.Replace(input, bad);
    const Status status = attempt.MergeAndCommit();
    attempt.Replace(input, good);
    // Nobody reads what lies behind a page's last value.
    if (status.ok() && attempt.Rows() == attempt.expected()) continue;
    ASSERT_FALSE(status.ok());
    ASSERT_EQ(WrongWith(status, attempt), "") << status;
    ++refused[change];
    ++total;
  }
  EXPECT_GE(total, kDamagedInputs);
  for (const Change change : {Change::kBit, Change::kPageOfTheFile, Change::kPageOfAnotherFile, Change::kOtherFile}) {
    EXPECT_GE(refused[change], 20 / kShare) << static_cast<int>(change);
  }
}

TEST(DamagedMerge, IsRefusedOrHasNoEffectWhicheverByteOfAnInputIsDamaged) {
  for (const Inputs inputs : {Inputs::kFlat, Inputs::kNested, Inputs::kDisjoint}) {
    MergeAttempt attempt(inputs, 7);
    const std::string good = attempt.Read(0);
    // Of a large file every so many bytes.
    constexpr size_t kBytesMax = 8'000;
    const size_t stride = kShare * (1 + good.size() / kBytesMax);
    int64_t copied = 0;
    int refused = 0;
    for (size_t at = 0; at < good.size(); at += stride) {
      SCOPED_TRACE("byte " + std::to_string(at) + " of " + std::to_string(good.size()));
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
      attempt.Replace(0, bad);
      const auto outcome = attempt.Merge();
      if (outcome.ok()) {
        copied += outcome->rows_copied;
        ASSERT_EQ(attempt.RowsOf(*outcome), attempt.expected());
        continue;
      }
      ++refused;
      const ErrorKind kind = KindOf(outcome.status());
      ASSERT_TRUE(kind == ErrorKind::kCorrupt || kind == ErrorKind::kInvalid) << outcome.status();
      ASSERT_THAT(outcome.status().message(), HasSubstr(attempt.spec().inputs[0].file.id.value()));
    }
    EXPECT_GT(refused, static_cast<int>(good.size() / stride) / 2);
    attempt.Replace(0, good);
    EXPECT_EQ(attempt.LeftBehind(), "");
    EXPECT_EQ(copied > 0, inputs == Inputs::kDisjoint);
  }
}

}  // namespace
}  // namespace sleeper::damage
