#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/random.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"

namespace sleeper::columnar {

/// The layout of a table whose schema is this JSON.
std::shared_ptr<const Layout> LayoutOf(std::string_view schema_json);

/// A table with a row key of each key type, a sort key, and a nullable value field of each type, lists and maps
/// included.
std::shared_ptr<const Layout> LayoutOfAllTypes();

/// The reference test row: key string(10), sort int64, value string(10), nullable string(10).
std::shared_ptr<const Layout> ReferenceLayout();

/// A batch out of one JSON array for each column: BatchOf(layout, {R"(["a","b"])", "[1,2]"}).
Batch BatchOf(const std::shared_ptr<const Layout>& layout, std::span<const std::string> columns);
Batch BatchOf(const std::shared_ptr<const Layout>& layout, std::initializer_list<std::string> columns);

/// Rows full of awkward values: model::RandomKeyValue for keys; nulls, empty and long values elsewhere. In no order.
Batch RandomBatch(const std::shared_ptr<const Layout>& layout, int64_t rows, Random& random);

/// Random letters and integers as the reference's generator makes them; one `nullable` in five is null. In no order.
Batch ReferenceRows(int64_t rows, uint64_t seed);

/// Each row as text, "(a, 1, null)", for comparisons and messages.
std::vector<std::string> TextOf(const Batch& batch);
std::vector<std::string> TextOf(std::span<const Batch> batches);

/// The rows of the batches in key order, stable, in one batch: by the plainest means there are.
Batch SortedCopy(std::span<const Batch> batches);

/// `batch` cut into pieces of at most `rows_max` rows.
std::vector<Batch> CutIntoPieces(const Batch& batch, int64_t rows_max);

/// The same rows with arrays that begin inside longer buffers, as slices of foreign batches do.
Batch WithOffsets(const Batch& batch);

}  // namespace sleeper::columnar
