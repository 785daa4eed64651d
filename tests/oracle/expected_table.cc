#include "tests/oracle/expected_table.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/type.h>

#include "sleeper/columnar/testing/batches.h"
#include "sleeper/model/testing/outcome.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::oracle {
namespace {

template <typename Array>
const Array& As(const arrow::Array& array) {
  return static_cast<const Array&>(array);
}

/// Straight from the column, without the code that makes normalised keys.
model::KeyValue ValueAt(const arrow::Array& column, model::TypeKind kind, int64_t row) {
  switch (kind) {
    case model::TypeKind::kInt:
      return As<arrow::Int32Array>(column).Value(row);
    case model::TypeKind::kLong:
      return As<arrow::Int64Array>(column).Value(row);
    case model::TypeKind::kString:
      return As<arrow::StringArray>(column).GetString(row);
    case model::TypeKind::kBytes:
      return model::Bytes{As<arrow::BinaryArray>(column).GetString(row)};
    case model::TypeKind::kDate:
      return model::Date{As<arrow::Date32Array>(column).Value(row)};
    default:
      return model::Timestamp{As<arrow::TimestampArray>(column).Value(row)};
  }
}

/// The texts of one column, without the parentheses of a row.
std::vector<std::string> TextsOf(const columnar::Batch& batch, const std::string& field) {
  const auto layout = model::ValueOf(batch.layout().Select(std::vector{field}));
  std::vector<std::string> texts = columnar::TextOf(batch.Project(layout));
  for (std::string& text : texts) text = text.substr(1, text.size() - 2);
  return texts;
}

bool Equal(const model::KeyTuple& a, const model::KeyTuple& b) {
  return !model::ComesBefore(a, b) && !model::ComesBefore(b, a);
}

bool IsBefore(const model::KeyValue& a, const model::KeyValue& b) { return model::ComesBefore({a}, {b}); }

}  // namespace

std::vector<Row> RowsOf(const columnar::Batch& batch) {
  std::vector<Row> rows(static_cast<size_t>(batch.rows()));
  const model::Schema& schema = batch.layout().schema();
  for (int column = 0; column < schema.field_count(); ++column) {
    const model::Field& field = schema.field(column);
    std::vector<std::string> texts = TextsOf(batch, field.name);
    for (size_t row = 0; row < rows.size(); ++row) {
      if (schema.IsKey(column)) {
        rows[row].key.push_back(ValueAt(*batch.column(column), field.type.kind(), static_cast<int64_t>(row)));
      }
      rows[row].fields.push_back(std::move(texts[row]));
    }
  }
  return rows;
}

bool Bounds::Contain(const model::KeyTuple& key) const {
  const model::KeyValue& value = key[static_cast<size_t>(column)];
  if (min && (IsBefore(value, *min) || (!min_inclusive && !IsBefore(*min, value)))) return false;
  if (max && (IsBefore(*max, value) || (!max_inclusive && !IsBefore(value, *max)))) return false;
  return true;
}

std::string Bounds::ToString(const model::Schema& schema) const {
  return schema.field(column).name + "=" + (min_inclusive ? "[" : "(") + (min ? model::FormatKeyValue(*min) : "") +
         "," + (max ? model::FormatKeyValue(*max) : "") + (max_inclusive ? "]" : ")");
}

bool Wanted::Contains(const model::KeyTuple& key) const {
  if (nothing) return false;
  if (regions.empty() && keys.empty()) return true;
  const auto holds = [&](const std::vector<Bounds>& region) {
    return std::all_of(region.begin(), region.end(), [&](const Bounds& bounds) { return bounds.Contain(key); });
  };
  if (std::any_of(regions.begin(), regions.end(), holds)) return true;
  return std::any_of(keys.begin(), keys.end(), [&](const model::KeyTuple& wanted) {
    return Equal(wanted, model::KeyTuple(key.begin(), key.begin() + static_cast<ptrdiff_t>(wanted.size())));
  });
}

std::string Wanted::ToString(const model::Schema& schema) const {
  std::string text = nothing ? "nothing" : "query";
  for (const std::vector<Bounds>& region : regions) {
    text += " {";
    for (const Bounds& bounds : region) text += " " + bounds.ToString(schema);
    text += " }";
  }
  for (const model::KeyTuple& key : keys) {
    text += " key(";
    for (const model::KeyValue& value : key) text += " " + model::FormatKeyValue(value);
    text += " )";
  }
  for (const int column : select) text += " select " + schema.field(column).name;
  if (limit) text += " limit " + std::to_string(*limit);
  return text;
}

void ExpectedTable::Add(const std::vector<Row>& rows) {
  rows_.insert(rows_.end(), rows.begin(), rows.end());
  std::stable_sort(rows_.begin(), rows_.end(),
                   [](const Row& a, const Row& b) { return model::ComesBefore(a.key, b.key); });
}

std::string ExpectedTable::TextOf(const Row& row, const std::vector<int>& select) const {
  std::string text;
  const auto add = [&](const std::string& field) { text += (text.empty() ? "(" : ", ") + field; };
  for (const int column : select) add(row.fields[static_cast<size_t>(column)]);
  if (select.empty()) {
    for (const std::string& field : row.fields) add(field);
  }
  return text + ")";
}

Status ExpectedTable::Check(const Wanted& wanted, const std::vector<std::string>& got) const {
  std::vector<const Row*> expected;
  for (const Row& row : rows_) {
    if (wanted.Contains(row.key)) expected.push_back(&row);
  }
  const auto count = static_cast<size_t>(
      std::min(static_cast<int64_t>(expected.size()), wanted.limit.value_or(static_cast<int64_t>(expected.size()))));
  if (got.size() != count) {
    return Error(ErrorKind::kInternal, wanted.ToString(schema_), ": ", got.size(), " rows came, expected ", count);
  }
  for (size_t begin = 0; begin < count;) {
    // Rows of one key come in any order; the limit may leave some of the last ones out.
    size_t end = begin;
    std::vector<std::string> group;
    for (; end < expected.size() && Equal(expected[end]->key, expected[begin]->key); ++end) {
      group.push_back(TextOf(*expected[end], wanted.select));
    }
    std::sort(group.begin(), group.end());
    std::vector<std::string> came(got.begin() + static_cast<ptrdiff_t>(begin),
                                  got.begin() + static_cast<ptrdiff_t>(std::min(end, count)));
    std::sort(came.begin(), came.end());
    if (!std::includes(group.begin(), group.end(), came.begin(), came.end())) {
      return Error(ErrorKind::kInternal, wanted.ToString(schema_), ": row ", begin, " is ", came.front(), ", expected ",
                   group.front(), ", or another one of ", group.size(), " with its key");
    }
    begin = end;
  }
  return Status::OK();
}

}  // namespace sleeper::oracle
