#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/columnar/layout.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/exchange/output_writer.h"

// Rows as text, so that tests show their data.

namespace sleeper::exchange {

/// A layout of all fields, from "k StringType key, d LongType, n LongType nullable": a name, a type as in a schema
/// file, and "key" for the row keys, which come first. "List(IntType)" and "Map(StringType LongType)" are lists and
/// maps.
std::shared_ptr<const columnar::Layout> LayoutOf(std::string_view fields);

/// A layout of one column that is no key: "v LongType nullable".
std::shared_ptr<const columnar::Layout> LayoutOfOne(std::string_view field);

/// Reads all of `bytes`; messages call the input "input".
Result<std::vector<columnar::Batch>> ReadBatches(std::string bytes, const InputOptions& options,
                                                 const std::shared_ptr<const columnar::Layout>& layout);

/// What was read, as JSON lines.
Result<std::string> ReadRows(std::string bytes, const InputOptions& options,
                             const std::shared_ptr<const columnar::Layout>& layout);

/// Writes the batches in a format; messages call the output "output".
Result<std::string> WriteBatches(const std::vector<columnar::Batch>& batches, const OutputOptions& options,
                                 const std::shared_ptr<const columnar::Layout>& layout);

std::string ToJsonLines(const std::vector<columnar::Batch>& batches,
                        const std::shared_ptr<const columnar::Layout>& layout);

}  // namespace sleeper::exchange
