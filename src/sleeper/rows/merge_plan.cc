#include "sleeper/rows/merge_plan.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "sleeper/base/check.h"

namespace sleeper::rows {
namespace {

size_t CommonBytes(std::string_view a, std::string_view b, size_t size_max) {
  const size_t size = std::min({a.size(), b.size(), size_max});
  // Where many rows have equal keys, this is most often so.
  if (a.substr(0, size) == b.substr(0, size)) return size;
  const auto parted = std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(size), b.begin());
  return static_cast<size_t>(parted.first - a.begin());
}

}  // namespace

MergePlan::MergePlan(int inputs) : windows_(static_cast<size_t>(inputs)), starved_inputs_(inputs) {
  SLEEPER_CHECK(inputs >= 1 && inputs <= kInputsMax, "inputs of a merge: ", inputs);
  for (uint32_t input = 0; input < windows_.size(); ++input) open_inputs_.push_back(input);
  taken_.resize(windows_.size());
}

Status MergePlan::Feed(int input, const columnar::KeyColumn& keys) {
  Window& window = windows_[static_cast<size_t>(input)];
  SLEEPER_CHECK(window.keys == nullptr && keys.rows() > 0, "input ", input, " is not starved");
  if (keys.key(0) < window.last_key) {
    return Error(ErrorKind::kCorrupt, "the rows of a sorted input are out of order: the first row of a batch of input ",
                 input, " comes before the last row of the batch before");
  }
  window.keys = &keys;
  window.rows = keys.rows();
  window.next = 0;
  window.prefixes.resize(static_cast<size_t>(window.rows));
  ChooseSkip(window);
  const int64_t wrong = TakePrefixesOfNew(window);
  if (wrong >= 0) {
    return Error(ErrorKind::kCorrupt, "the rows of a sorted input are out of order: input ", input, ", row ", wrong,
                 " of a batch comes before the row ahead of it");
  }
  window.last_key = keys.key(window.rows - 1);
  --starved_inputs_;
  return Status::OK();
}

void MergePlan::End(int input) {
  const size_t ended = std::erase(open_inputs_, static_cast<uint32_t>(input));
  SLEEPER_CHECK(ended == 1 && windows_[static_cast<size_t>(input)].keys == nullptr, "input ", input, " is not starved");
  --starved_inputs_;
}

size_t MergePlan::CommonPrefix() const {
  // The keys of a window lie between its first and its last one, so they share what those two share.
  std::string_view common;
  bool any = false;
  for (const Window& window : windows_) {
    if (window.keys == nullptr) continue;
    const std::string_view first = window.keys->key(window.next);
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
  // Those of rows that are planned are not needed, and may not share what is skipped.
  for (int64_t row = window.next; row < window.rows; ++row) {
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

bool MergePlan::ComesBefore(const Row& a, const Row& b) const {
  const Window& window_a = windows_[a.input];
  const Window& window_b = windows_[b.input];
  const uint64_t prefix_a = window_a.prefixes[static_cast<size_t>(a.row)];
  const uint64_t prefix_b = window_b.prefixes[static_cast<size_t>(b.row)];
  if (prefix_a != prefix_b) return prefix_a < prefix_b;
  const int order = window_a.keys->key(a.row).compare(window_b.keys->key(b.row));
  return order != 0 ? order < 0 : a.input < b.input;
}

int MergePlan::Starve(uint32_t input) {
  windows_[input].keys = nullptr;
  ++starved_inputs_;
  return static_cast<int>(input);
}

int64_t MergePlan::RunRows(uint32_t first, const Row* second, int64_t rows_max) const {
  const int64_t begin = windows_[first].next;
  const int64_t end = std::min(windows_[first].rows, begin + rows_max);
  if (second == nullptr) return end - begin;
  // Gallop: double the step until a row does not come before the second input's, then halve the gap.
  int64_t before = begin;
  int64_t step = 1;
  while (before + step < end && ComesBefore({first, before + step}, *second)) {
    before += step;
    step *= 2;
  }
  int64_t after = std::min(end, before + step);
  while (before + 1 < after) {
    const int64_t middle = before + (after - before) / 2;
    (ComesBefore({first, middle}, *second) ? before : after) = middle;
  }
  return before + 1 - begin;
}

MergeStep MergePlan::PlanRun(int64_t rows_max) {
  Row first = HeadOf(open_inputs_[0]);
  std::optional<Row> second;
  for (size_t i = 1; i < open_inputs_.size(); ++i) {
    Row other = HeadOf(open_inputs_[i]);
    if (ComesBefore(other, first)) std::swap(other, first);
    if (!second || ComesBefore(other, *second)) second = other;
  }
  MergeStep step;
  const int64_t rows = RunRows(first.input, second ? &*second : nullptr, rows_max);
  if (rows < kRunRowsMin && second) return step;
  step.run_input = static_cast<int>(first.input);
  step.run_rows = rows;
  Window& window = windows_[first.input];
  window.next += rows;
  if (window.next == window.rows) step.starved_input = Starve(first.input);
  return step;
}

int64_t MergePlan::RowsUpTo(uint32_t input, const Row& last) const {
  const Window& window = windows_[input];
  if (input == last.input) return last.row + 1 - window.next;
  // Whole keys are compared only where prefixes are equal.
  const uint64_t prefix = windows_[last.input].prefixes[static_cast<size_t>(last.row)];
  const auto [ties_begin, ties_end] =
      std::equal_range(window.prefixes.begin() + window.next, window.prefixes.end(), prefix);
  int64_t begin = ties_begin - window.prefixes.begin();
  int64_t end = ties_end - window.prefixes.begin();
  while (begin < end) {
    const int64_t middle = begin + (end - begin) / 2;
    if (ComesBefore({input, middle}, last)) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin - window.next;
}

MergePlan::Row MergePlan::ChooseLast() {
  // The first row behind which an input would have to show more.
  std::optional<Row> last;
  for (const uint32_t input : open_inputs_) {
    const Row end{input, windows_[input].rows - 1};
    if (!last || ComesBefore(end, *last)) last = end;
  }
  for (;;) {
    int64_t total = 0;
    uint32_t largest = open_inputs_[0];
    for (const uint32_t input : open_inputs_) {
      taken_[input] = RowsUpTo(input, *last);
      total += taken_[input];
      if (taken_[input] > taken_[largest]) largest = input;
    }
    if (total <= kPlanRowsMax) return *last;
    // The largest part has two rows at least, so that this ends.
    static_assert(kPlanRowsMax >= 2 * kInputsMax);
    last = Row{largest, windows_[largest].next + taken_[largest] / 2 - 1};
  }
}

void MergePlan::PlanInterleaved() {
  const Row last = ChooseLast();
  merge_.Start(open_inputs_.size(), kPlanRowsMax);
  for (const uint32_t input : open_inputs_) {
    const std::span<uint64_t> words = merge_.Add(static_cast<size_t>(taken_[input]));
    const uint64_t* const prefixes = windows_[input].prefixes.data() + windows_[input].next;
    for (size_t i = 0; i < words.size(); ++i) words[i] = WordOf(prefixes[i], input);
  }
  const std::span<const uint64_t> words = merge_.Merge();
  planned_ = words.size();
  told_ = 0;
  sources_.resize(planned_);
  uint64_t ties = 0;
  uint64_t before = 0;
  for (size_t i = 0; i < planned_; ++i) {
    sources_[i] = static_cast<uint8_t>(words[i] - 1);
    const uint64_t change = words[i] ^ before;
    ties |= static_cast<uint64_t>(change != 0) & static_cast<uint64_t>(change < 0x100);
    before = words[i];
  }
  if (ties != 0) OrderTies(words);
  for (const uint32_t input : open_inputs_) windows_[input].next += taken_[input];
  starves_ = last.row + 1 == windows_[last.input].rows ? static_cast<int>(last.input) : -1;
}

void MergePlan::OrderTies(std::span<const uint64_t> words) {
  std::array<int64_t, kInputsMax> next;
  for (const uint32_t input : open_inputs_) next[input] = windows_[input].next;
  rows_.resize(planned_);
  for (size_t i = 0; i < planned_; ++i) rows_[i] = next[sources_[i]]++;
  ties_.clear();
  NoteTies(words, 0, skip_);
  while (!ties_.empty()) {
    const Tie tie = ties_.back();
    ties_.pop_back();
    OrderTie(tie);
  }
}

void MergePlan::NoteTies(std::span<const uint64_t> words, size_t begin, size_t skip) {
  for (size_t i = 0; i < words.size();) {
    size_t end = i + 1;
    while (end < words.size() && words[end] >> 8 == words[i] >> 8) ++end;
    // Rows of one input are in order.
    if (words[end - 1] != words[i]) ties_.push_back({begin + i, begin + end, skip + kWordKeyBytes});
    i = end;
  }
}

size_t MergePlan::CommonPrefix(const Tie& tie) const {
  const auto key_of = [&](size_t i) { return windows_[sources_[i]].keys->key(rows_[i]); };
  std::string_view common = key_of(tie.begin);
  for (size_t i = tie.begin; i < tie.end; ++i) {
    // Between the first and the last row of an input there is nothing that shares less.
    const bool is_edge =
        i == tie.begin || i + 1 == tie.end || sources_[i] != sources_[i - 1] || sources_[i] != sources_[i + 1];
    if (is_edge) common = common.substr(0, CommonBytes(common, key_of(i), common.size()));
  }
  return std::max(common.size(), tie.skip);
}

void MergePlan::OrderTie(const Tie& tie) {
  const size_t skip = CommonPrefix(tie);
  // No key is the beginning of another: if one ends here, all are equal, and the order of the inputs is theirs.
  if (windows_[sources_[tie.begin]].keys->key(rows_[tie.begin]).size() <= skip) return;
  std::array<int64_t, kInputsMax> next;
  merge_.Start(open_inputs_.size(), tie.end - tie.begin);
  for (size_t i = tie.begin; i < tie.end;) {
    const uint32_t input = sources_[i];
    const auto end = static_cast<size_t>(std::find_if(sources_.begin() + static_cast<ptrdiff_t>(i),
                                                      sources_.begin() + static_cast<ptrdiff_t>(tie.end),
                                                      [&](uint8_t source) { return source != input; }) -
                                         sources_.begin());
    next[input] = rows_[i];
    for (uint64_t& word : merge_.Add(end - i)) word = WordOf(windows_[input].keys->Prefix(rows_[i++], skip), input);
  }
  const std::span<const uint64_t> words = merge_.Merge();
  for (size_t i = 0; i < words.size(); ++i) {
    const auto source = static_cast<uint8_t>(words[i] - 1);
    sources_[tie.begin + i] = source;
    rows_[tie.begin + i] = next[source]++;
  }
  NoteTies(words, tie.begin, skip);
}

MergeStep MergePlan::Next(int64_t rows_max) {
  SLEEPER_CHECK(starved_inputs_ == 0, "inputs that were not fed: ", starved_inputs_);
  MergeStep step;
  if (open_inputs_.empty()) return step;
  if (told_ == planned_) {
    step = PlanRun(rows_max);
    if (step.run_rows > 0) return step;
    PlanInterleaved();
  }
  const size_t count = std::min(planned_ - told_, static_cast<size_t>(rows_max));
  step.sources = std::span(sources_).subspan(told_, count);
  told_ += count;
  if (told_ == planned_ && starves_ >= 0) step.starved_input = Starve(static_cast<uint32_t>(starves_));
  return step;
}

}  // namespace sleeper::rows
