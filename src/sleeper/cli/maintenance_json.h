#pragma once

#include <nlohmann/json.hpp>

#include "sleeper/engine/cleaning.h"
#include "sleeper/engine/compaction.h"
#include "sleeper/engine/table.h"

// What background operations did, under the names that scripts read.

namespace sleeper::cli {

nlohmann::ordered_json ToJson(const engine::CompactionResult& result);
nlohmann::ordered_json ToJson(const engine::SplitResult& result);
nlohmann::ordered_json ToJson(const engine::CollectResult& result);
nlohmann::ordered_json ToJson(const engine::SweepResult& result);

// Sums over tables. Failures and plans are left out.

void Add(engine::CompactionResult& total, const engine::CompactionResult& result);
void Add(engine::SplitResult& total, const engine::SplitResult& result);
void Add(engine::CollectResult& total, const engine::CollectResult& result);
void Add(engine::SweepResult& total, const engine::SweepResult& result);

}  // namespace sleeper::cli
