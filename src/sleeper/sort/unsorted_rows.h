#pragma once

#include <cstdint>
#include <memory>

#include "sleeper/base/executor.h"
#include "sleeper/base/status.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/sort/sorted_rows.h"

namespace sleeper::sort {

/// Rows that wait in memory to be sorted. Confined.
class UnsortedRows {
 public:
  /// As the schema allows: rows in one piece each, or, with lists and maps, batches as they came. Neither refuses rows
  /// beyond `memory_bytes`, which they are meant to keep within.
  static std::unique_ptr<UnsortedRows> Make(std::shared_ptr<const columnar::Layout> layout, int64_t memory_bytes);
  virtual ~UnsortedRows() = default;

  virtual Status Add(columnar::Batch batch) = 0;

  virtual int64_t rows() const = 0;

  /// The memory of what was added, and of what sorting it will take besides.
  virtual int64_t bytes() const = 0;

  /// Whether the memory of sorted rows comes back while they are written, or only at the end.
  virtual bool come_apart() const = 0;

  /// Sorts on all cores of `executor`, not before rows are asked for; rows of equal keys stay in the order of Add.
  /// Nothing is left here.
  virtual Result<std::unique_ptr<SortedRows>> Sort(Executor& executor) = 0;
};

}  // namespace sleeper::sort
