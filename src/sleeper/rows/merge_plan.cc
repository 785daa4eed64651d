#include "sleeper/rows/merge_plan.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "sleeper/base/check.h"

namespace sleeper::rows {
namespace {

/// The prefix of an input without further rows. A key may have it too: on a tie the whole keys decide.
constexpr uint64_t kEndPrefix = std::numeric_limits<uint64_t>::max();

size_t CommonBytes(std::string_view a, std::string_view b, size_t size_max) {
  const size_t size = std::min({a.size(), b.size(), size_max});
  const auto parted = std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(size), b.begin());
  return static_cast<size_t>(parted.first - a.begin());
}

}  // namespace

MergePlan::MergePlan(int inputs) : open_inputs_(inputs), starved_inputs_(inputs) {
  SLEEPER_CHECK(inputs >= 1 && inputs <= kInputsMax, "inputs of a merge: ", inputs);
  leaves_ = std::bit_ceil(static_cast<uint32_t>(inputs));
  windows_.resize(leaves_);
  heads_.resize(leaves_);
  for (uint32_t leaf = static_cast<uint32_t>(inputs); leaf < leaves_; ++leaf) windows_[leaf].ended = true;
  losers_.resize(leaves_);
  loser_prefixes_.resize(leaves_);
  sources_.resize(kStepRowsMax);
}

Status MergePlan::Feed(int input, const columnar::KeyColumn& keys) {
  Window& window = windows_[static_cast<size_t>(input)];
  SLEEPER_CHECK(!window.ended && window.keys == nullptr && keys.rows() > 0, "input ", input, " is not starved");
  if (keys.key(0) < window.last_key) {
    return Error(ErrorKind::kCorrupt, "the rows of a sorted input are out of order: the first row of a batch of input ",
                 input, " comes before the last row of the batch before");
  }
  window.keys = &keys;
  window.rows = keys.rows();
  window.prefixes.resize(static_cast<size_t>(window.rows));
  heads_[static_cast<size_t>(input)] = {window.prefixes.data(), window.prefixes.data() + window.rows};
  ChooseSkip(window);
  const int64_t wrong = TakePrefixesOfNew(window);
  if (wrong >= 0) {
    return Error(ErrorKind::kCorrupt, "the rows of a sorted input are out of order: input ", input, ", row ", wrong,
                 " of a batch comes before the row ahead of it");
  }
  window.last_key = keys.key(window.rows - 1);
  --starved_inputs_;
  tree_is_stale_ = true;
  return Status::OK();
}

void MergePlan::End(int input) {
  Window& window = windows_[static_cast<size_t>(input)];
  SLEEPER_CHECK(!window.ended && window.keys == nullptr, "input ", input, " is not starved");
  window.ended = true;
  --open_inputs_;
  --starved_inputs_;
  tree_is_stale_ = true;
}

size_t MergePlan::CommonPrefix() const {
  // The keys of a window lie between its first and its last one, so they share what those two share.
  std::string_view common;
  bool any = false;
  for (uint32_t input = 0; input < leaves_; ++input) {
    const Window& window = windows_[input];
    if (window.keys == nullptr) continue;
    const std::string_view first = window.keys->key(HeadRow(input));
    if (!any) common = first;
    any = true;
    common = common.substr(0, CommonBytes(common, first, common.size()));
    common = common.substr(0, CommonBytes(common, window.keys->key(window.rows - 1), common.size()));
  }
  return common.size();
}

void MergePlan::ChooseSkip(const Window& fed) {
  const size_t common = CommonPrefix();
  if (common >= skip_ && common < skip_ + kSkipGainMin) return;
  skip_ = common;
  for (Window& window : windows_) {
    if (window.keys != nullptr && &window != &fed) TakePrefixes(window);
  }
}

void MergePlan::TakePrefixes(Window& window) const {
  for (int64_t row = 0; row < window.rows; ++row) {
    window.prefixes[static_cast<size_t>(row)] = window.keys->Prefix(row, skip_);
  }
}

int64_t MergePlan::TakePrefixesOfNew(Window& window) const {
  const columnar::KeyColumn& keys = *window.keys;
  const std::string_view skipped = keys.key(0).substr(0, skip_);
  uint64_t before = 0;
  for (int64_t row = 0; row < window.rows; ++row) {
    if (skip_ > 0 && !keys.key(row).starts_with(skipped)) return row;
    const uint64_t prefix = keys.Prefix(row, skip_);
    if (prefix <= before && row > 0) [[unlikely]] {
      if (prefix < before || keys.key(row) < keys.key(row - 1)) return row;
    }
    window.prefixes[static_cast<size_t>(row)] = prefix;
    before = prefix;
  }
  return -1;
}

uint64_t MergePlan::HeadPrefix(uint32_t input) const {
  return windows_[input].ended ? kEndPrefix : *heads_[input].next;
}

bool MergePlan::ComesBefore(uint32_t a, int64_t row_a, uint32_t b, int64_t row_b) const {
  if (windows_[a].ended || windows_[b].ended) return !windows_[a].ended && (windows_[b].ended || a < b);
  const int order = windows_[a].keys->key(row_a).compare(windows_[b].keys->key(row_b));
  return order != 0 ? order < 0 : a < b;
}

bool MergePlan::HeadComesBefore(uint32_t a, uint32_t b) const {
  const uint64_t prefix_a = HeadPrefix(a);
  const uint64_t prefix_b = HeadPrefix(b);
  if (prefix_a != prefix_b) return prefix_a < prefix_b;
  return ComesBefore(a, HeadRow(a), b, HeadRow(b));
}

void MergePlan::BuildTree() {
  std::vector<uint32_t> winners(2 * leaves_);
  for (uint32_t leaf = 0; leaf < leaves_; ++leaf) winners[leaves_ + leaf] = leaf;
  for (uint32_t node = leaves_ - 1; node >= 1; --node) {
    uint32_t winner = winners[2 * node];
    uint32_t loser = winners[2 * node + 1];
    if (HeadComesBefore(loser, winner)) std::swap(winner, loser);
    winners[node] = winner;
    losers_[node] = loser;
    loser_prefixes_[node] = HeadPrefix(loser);
  }
  winner_ = winners[1];
  tree_is_stale_ = false;
}

inline void MergePlan::Replay() {
  uint32_t input = winner_;
  uint64_t prefix = *heads_[input].next;
  uint32_t* const losers = losers_.data();
  uint64_t* const loser_prefixes = loser_prefixes_.data();
  for (uint32_t node = (leaves_ + input) >> 1; node >= 1; node >>= 1) {
    const uint64_t loser_prefix = loser_prefixes[node];
    const uint32_t loser = losers[node];
    bool loser_wins = loser_prefix < prefix;
    if (loser_prefix == prefix) [[unlikely]] {
      loser_wins = ComesBefore(loser, HeadRow(loser), input, HeadRow(input));
    }
    // Exchanged by masks: compilers make a branch of a conditional exchange, and it is mispredicted half of the time.
    const uint64_t mask = uint64_t{0} - static_cast<uint64_t>(loser_wins);
    const uint64_t prefix_change = (loser_prefix ^ prefix) & mask;
    const uint32_t input_change = (loser ^ input) & static_cast<uint32_t>(mask);
    loser_prefixes[node] = loser_prefix ^ prefix_change;
    losers[node] = loser ^ input_change;
    prefix ^= prefix_change;
    input ^= input_change;
  }
  winner_ = input;
}

uint32_t MergePlan::RunnerUp() const {
  // Whoever is second has lost to the winner itself, on its way up.
  uint32_t best = losers_[(leaves_ + winner_) >> 1];
  for (uint32_t node = (leaves_ + winner_) >> 2; node >= 1; node >>= 1) {
    if (HeadComesBefore(losers_[node], best)) best = losers_[node];
  }
  return best;
}

int64_t MergePlan::RunRows(int64_t rows_max) const {
  const int64_t first = HeadRow(winner_);
  const int64_t end = std::min(windows_[winner_].rows, first + rows_max);
  if (open_inputs_ == 1) return end - first;
  const uint32_t second = RunnerUp();
  if (windows_[second].ended) return end - first;
  const int64_t second_row = HeadRow(second);
  // Gallop: double the step until a row does not come before the runner-up's, then halve the gap.
  int64_t before = first;
  int64_t step = 1;
  while (before + step < end && ComesBefore(winner_, before + step, second, second_row)) {
    before += step;
    step *= 2;
  }
  int64_t after = std::min(end, before + step);
  while (before + 1 < after) {
    const int64_t middle = before + (after - before) / 2;
    (ComesBefore(winner_, middle, second, second_row) ? before : after) = middle;
  }
  return before + 1 - first;
}

int MergePlan::Starve() {
  windows_[winner_].keys = nullptr;
  ++starved_inputs_;
  return static_cast<int>(winner_);
}

MergeStep MergePlan::PlanInterleaved(int64_t rows_max) {
  MergeStep step;
  const auto count_max = static_cast<size_t>(std::min(rows_max, kStepRowsMax));
  size_t count = 0;
  while (count < count_max) {
    sources_[count++] = static_cast<uint8_t>(winner_);
    Head& head = heads_[winner_];
    if (++head.next == head.end) [[unlikely]] {
      step.starved_input = Starve();
      break;
    }
    Replay();
  }
  step.sources = std::span(sources_).first(count);
  return step;
}

MergeStep MergePlan::Next(int64_t rows_max) {
  SLEEPER_CHECK(starved_inputs_ == 0, "inputs that were not fed: ", starved_inputs_);
  MergeStep step;
  if (open_inputs_ == 0) return step;
  if (tree_is_stale_) BuildTree();
  const int64_t run_rows = RunRows(rows_max);
  if (run_rows < kRunRowsMin && open_inputs_ > 1) return PlanInterleaved(rows_max);
  step.run_input = static_cast<int>(winner_);
  step.run_rows = run_rows;
  Head& head = heads_[winner_];
  head.next += run_rows;
  if (head.next == head.end) {
    step.starved_input = Starve();
  } else {
    Replay();
  }
  return step;
}

}  // namespace sleeper::rows
