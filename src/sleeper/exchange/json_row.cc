#include "sleeper/exchange/json_row.h"

#include <algorithm>
#include <optional>

#include "sleeper/exchange/place.h"

namespace sleeper::exchange {

Status JsonRow::Read(std::string_view text) {
  depth_ = 0;
  column_ = kIgnored;
  std::fill(seen_.begin(), seen_.end(), false);
  TRY(ParseJson(text, *this));
  return EndRow();
}

std::string_view JsonRow::column() const {
  return column_ == kIgnored ? std::string_view() : std::string_view(builder_.layout().field(column_).name);
}

// Fills in the members that were absent.
Status JsonRow::EndRow() {
  for (int column = 0; column < builder_.layout().columns(); ++column) {
    if (seen_[static_cast<size_t>(column)]) continue;
    column_ = column;
    if (!builder_.layout().field(column).nullable) {
      return Error(ErrorKind::kInvalid, "the member is missing, and the field is not nullable");
    }
    TRY(builder_.column(column).AppendNull());
  }
  column_ = kIgnored;
  builder_.EndRow();
  return Status::OK();
}

Status JsonRow::CheckInRow() const {
  if (depth_ > 0) return Status::OK();
  return Error(ErrorKind::kInvalid, "the line is not a JSON object");
}

template <typename Event>
Status JsonRow::Forward(Event event) {
  TRY(CheckInRow());
  if (column_ == kIgnored) return Status::OK();
  return event(builder_.column(column_));
}

Status JsonRow::Null() {
  if (depth_ == 1 && column_ != kIgnored && !builder_.layout().field(column_).nullable) {
    return Error(ErrorKind::kInvalid, "null in a field that is not nullable");
  }
  return Forward([](ColumnBuilder& column) { return column.Null(); });
}

Status JsonRow::Boolean(bool value) {
  return Forward([value](ColumnBuilder& column) { return column.Boolean(value); });
}

Status JsonRow::Integer(int64_t value) {
  return Forward([value](ColumnBuilder& column) { return column.Integer(value); });
}

Status JsonRow::Unsigned(uint64_t value) {
  return Forward([value](ColumnBuilder& column) { return column.Unsigned(value); });
}

Status JsonRow::Number(std::string_view text) {
  return Forward([text](ColumnBuilder& column) { return column.Number(text); });
}

Status JsonRow::Text(std::string_view text) {
  return Forward([text](ColumnBuilder& column) { return column.Text(text); });
}

Status JsonRow::BeginList() {
  TRY(Forward([](ColumnBuilder& column) { return column.BeginList(); }));
  ++depth_;
  return Status::OK();
}

Status JsonRow::EndList() {
  --depth_;
  return Forward([](ColumnBuilder& column) { return column.EndList(); });
}

Status JsonRow::BeginObject() {
  if (depth_++ == 0) return Status::OK();
  return Forward([](ColumnBuilder& column) { return column.BeginObject(); });
}

Status JsonRow::Key(std::string_view key) {
  if (depth_ > 1) {
    return Forward([key](ColumnBuilder& column) { return column.Key(key); });
  }
  column_ = builder_.layout().Find(key).value_or(kIgnored);
  if (column_ == kIgnored) {
    // Bounded, as every row may bring new names; beyond the bound they are no longer told apart.
    if (ignored_names_.size() < IgnoredColumns::kNamesMax && ignored_names_.emplace(key).second) ignored_.Add(key);
    return Status::OK();
  }
  if (seen_[static_cast<size_t>(column_)]) return Error(ErrorKind::kInvalid, "two members have the same name");
  seen_[static_cast<size_t>(column_)] = true;
  return Status::OK();
}

Status JsonRow::EndObject() {
  if (--depth_ == 0) return Status::OK();
  return Forward([](ColumnBuilder& column) { return column.EndObject(); });
}

}  // namespace sleeper::exchange
