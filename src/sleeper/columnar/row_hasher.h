#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sleeper/columnar/batch.h"
#include "sleeper/model/row_hash.h"

namespace sleeper::columnar {

/// Computes the row hash of docs/formats/row-hash.md: a sum over rows that depends neither on their order, nor on the
/// order of columns, nor on how a batch is cut or encoded. Confined.
class RowHasher {
 public:
  explicit RowHasher(std::shared_ptr<const Layout> layout);
  ~RowHasher();
  RowHasher(RowHasher&&) noexcept;
  RowHasher& operator=(RowHasher&&) noexcept;

  /// Adds the rows of `batch`. REQUIRES: it has the hasher's layout.
  void Add(const Batch& batch);

  /// The sum of all rows added so far.
  const model::RowHash& sum() const { return sum_; }

 private:
  struct Field;
  std::shared_ptr<const Layout> layout_;
  std::vector<Field> fields_;
  /// The sum of each row's field hashes, for a block of rows.
  std::vector<uint64_t> rows_;
  model::RowHash sum_;
};

}  // namespace sleeper::columnar
