#include "tests/sim/number_rows.h"

#include <optional>
#include <utility>

#include <arrow/array/array_primitive.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/batch.h"
#include "sleeper/exchange/input_reader.h"

namespace sleeper::sim {
namespace {

columnar::Batch BatchOf(const std::shared_ptr<const columnar::Layout>& layout, const std::vector<NumberRow>& rows) {
  arrow::Int64Builder keys;
  arrow::Int64Builder numbers;
  for (const NumberRow& row : rows) {
    SLEEPER_CHECK(keys.Append(row.key).ok() && numbers.Append(row.number).ok(), "no memory");
  }
  std::vector<std::shared_ptr<arrow::Array>> columns = {keys.Finish().ValueOrDie(), numbers.Finish().ValueOrDie()};
  return columnar::Batch::Make(layout, arrow::RecordBatch::Make(layout->arrow_schema(),
                                                                static_cast<int64_t>(rows.size()), std::move(columns)))
      .ValueOrDie();
}

class RowsInput final : public exchange::InputReader {
 public:
  RowsInput(std::shared_ptr<const columnar::Layout> layout, const std::vector<NumberRow>& rows)
      : layout_(std::move(layout)), rows_(static_cast<int64_t>(rows.size())) {
    if (!rows.empty()) batch_ = BatchOf(layout_, rows);
  }

  const std::shared_ptr<const columnar::Layout>& layout() const override { return layout_; }
  Result<std::optional<columnar::Batch>> Next() override { return std::exchange(batch_, std::nullopt); }
  const std::string& name() const override { return name_; }
  std::optional<int64_t> rows_total() const override { return rows_; }
  std::optional<int64_t> bytes_total() const override { return std::nullopt; }
  int64_t bytes_read() const override { return 0; }
  const exchange::IgnoredColumns& ignored() const override { return ignored_; }

 private:
  const std::shared_ptr<const columnar::Layout> layout_;
  const int64_t rows_;
  const std::string name_ = "rows";
  const exchange::IgnoredColumns ignored_;
  std::optional<columnar::Batch> batch_;
};

}  // namespace

std::shared_ptr<const columnar::Layout> NumberLayout() {
  model::SchemaFields fields;
  fields.row_keys.push_back({"key", model::TypeKind::kLong});
  fields.values.push_back({"number", model::TypeKind::kLong});
  return columnar::Layout::Of(model::Schema::Make(std::move(fields)).ValueOrDie());
}

ingest::InputOpener InputOf(std::vector<NumberRow> rows) {
  return [rows = std::move(rows)](std::shared_ptr<const columnar::Layout> layout, int64_t,
                                  const CallContext&) -> Result<std::unique_ptr<exchange::InputReader>> {
    return std::make_unique<RowsInput>(std::move(layout), rows);
  };
}

Result<std::vector<NumberRow>> ReadAll(rows::RowStream& stream) {
  std::vector<NumberRow> rows;
  for (;;) {
    TRY_ASSIGN(const std::optional<columnar::Batch> batch, stream.Next());
    if (!batch) return rows;
    const auto& keys = static_cast<const arrow::Int64Array&>(*batch->column(0));
    const auto& numbers = static_cast<const arrow::Int64Array&>(*batch->column(1));
    for (int64_t i = 0; i < batch->rows(); ++i) rows.push_back({keys.Value(i), numbers.Value(i)});
  }
}

}  // namespace sleeper::sim
