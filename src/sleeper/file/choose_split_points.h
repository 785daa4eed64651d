#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sleeper/file/data_file_reader.h"
#include "sleeper/model/field.h"
#include "sleeper/model/key_interval.h"

namespace sleeper::file {

/// What `reader`'s samples tell of the keys in `interval`: no read.
std::vector<KeySample> SamplesWithin(const DataFileReader& reader, const model::KeyInterval& interval);

/// Where to cut `interval` into up to `parts` parts of about the same number of rows, given samples of the keys of the
/// files in it, in any order. Pure.
///
/// Returns fewer points, perhaps none, where the keys do not allow more: a boundary is the key of a sample, or a
/// leading part of it, strictly inside the interval, with rows on both sides. Ascending. REQUIRES: parts >= 1.
std::vector<model::NormalisedKey> ChooseSplitPoints(std::span<const model::Field> row_key_fields,
                                                    const model::KeyInterval& interval, std::vector<KeySample> samples,
                                                    int64_t parts);

}  // namespace sleeper::file
