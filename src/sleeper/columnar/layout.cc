#include "sleeper/columnar/layout.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <arrow/type.h>

#include "sleeper/columnar/arrow_types.h"

namespace sleeper::columnar {
namespace {

/// The columns of `fields` (positions in the schema) that hold the schema's first `count` fields; empty unless all are
/// there.
std::vector<int> ColumnsOfLeading(int count, const std::vector<int>& fields) {
  std::vector<int> columns;
  for (int key = 0; key < count; ++key) {
    const auto found = std::find(fields.begin(), fields.end(), key);
    if (found == fields.end()) return {};
    columns.push_back(static_cast<int>(found - fields.begin()));
  }
  return columns;
}

}  // namespace

Layout::Layout(model::Schema schema, std::vector<int> fields) : schema_(std::move(schema)), fields_(std::move(fields)) {
  arrow::FieldVector arrow_fields;
  for (int field : fields_) arrow_fields.push_back(ToArrow(schema_.field(field)));
  arrow_schema_ = arrow::schema(std::move(arrow_fields));
  key_columns_ = ColumnsOfLeading(schema_.key_count(), fields_);
  row_key_columns_ = ColumnsOfLeading(schema_.row_key_count(), fields_);
}

std::shared_ptr<const Layout> Layout::Of(model::Schema schema) {
  std::vector<int> fields(static_cast<size_t>(schema.field_count()));
  std::iota(fields.begin(), fields.end(), 0);
  return std::make_shared<const Layout>(Layout(std::move(schema), std::move(fields)));
}

Result<std::shared_ptr<const Layout>> Layout::Select(std::span<const std::string> names) const {
  if (names.empty()) return Error(ErrorKind::kInvalid, "no field is selected");
  std::vector<int> fields;
  for (const std::string& name : names) {
    const std::optional<int> field = schema_.Find(name);
    if (!field) return Error(ErrorKind::kInvalid, "the table has no field named ", name);
    if (std::find(fields.begin(), fields.end(), *field) != fields.end()) {
      return Error(ErrorKind::kInvalid, "a field is selected twice: ", name);
    }
    fields.push_back(*field);
  }
  return std::make_shared<const Layout>(Layout(schema_, std::move(fields)));
}

std::shared_ptr<const Layout> Layout::WithLeadingFields(int count) const {
  std::vector<int> fields = fields_;
  for (int key = 0; key < count; ++key) {
    if (std::find(fields.begin(), fields.end(), key) == fields.end()) fields.push_back(key);
  }
  return std::make_shared<const Layout>(Layout(schema_, std::move(fields)));
}

std::optional<int> Layout::Find(std::string_view name) const {
  const std::optional<int> field = schema_.Find(name);
  if (!field) return std::nullopt;
  const auto found = std::find(fields_.begin(), fields_.end(), *field);
  if (found == fields_.end()) return std::nullopt;
  return static_cast<int>(found - fields_.begin());
}

bool Layout::is_whole() const {
  return static_cast<int>(fields_.size()) == schema_.field_count() && std::is_sorted(fields_.begin(), fields_.end());
}

bool operator==(const Layout& a, const Layout& b) {
  return &a == &b || (a.fields_ == b.fields_ && a.schema_ == b.schema_);
}

}  // namespace sleeper::columnar
