#pragma once

#include <cstdint>
#include <span>

#include "sleeper/base/status.h"
#include "sleeper/file/column_page.h"
#include "sleeper/file/file_schema.h"
#include "sleeper/file/page_input.h"
#include "sleeper/file/page_rows.h"
#include "sleeper/model/key_interval.h"
#include "sleeper/rows/merge_plan.h"

// What the faults of faults.txt do, and when. Every place where a fault may strike has its turn whenever the code comes
// by, so a run that only counts tells how many turns there are, and the next run can be struck at any one of them.
// Confined to the thread that merges.

namespace sleeper::damage {

/// Starts to count turns. The fault strikes at turn `at`, the first being 0; never if it is negative.
void Arm(int64_t at);

/// How many turns there were since then.
int64_t Turns();

/// Whether the fault has struck, and really changed something.
bool HasStruck();

/// Takes one turn. True if the fault strikes there.
bool Strikes();

/// A bit of a value, or of the length of one, or whether it is null; the same of whole lists.
enum class Part { kValue, kLength, kValidity, kListLength, kListValidity };

/// The last `rows` rows of a page that is being made, or their slots, take a turn each. A change keeps the page well
/// formed.
void Alter(file::PageRows& page, int64_t rows, Part part);

/// The slots, or the lists, of a page that was decoded take a turn each.
void Alter(const file::ColumnPage& page, const file::LeafShape& shape, Part part);

/// The sources of a step take a turn each; where the fault strikes, two neighbours have changed places.
std::span<const uint8_t> Swapped(std::span<const uint8_t> sources);
rows::MergeStep Swapped(const rows::MergeStep& step);

/// The step takes a turn. Where the fault strikes, its first row is taken from its input, and is not in the step.
rows::MergeStep WithoutFirst(const rows::MergeStep& step, std::span<file::PageInput* const> inputs);

/// The first row of a step.
rows::MergeStep FirstOf(const rows::MergeStep& step);

/// The interval takes a turn; where the fault strikes, it is another one: cut at `key`, or all keys.
model::KeyInterval OtherInterval(const model::KeyInterval& interval, const model::NormalisedKey& key);

}  // namespace sleeper::damage
