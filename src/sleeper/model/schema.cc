#include "sleeper/model/schema.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "sleeper/base/utf8.h"
#include "sleeper/model/fault_list.h"
#include "sleeper/model/quoted_text.h"

namespace sleeper::model {
namespace {

void CheckName(const Field& field, FaultList& faults) {
  if (field.name.empty()) faults.Add("a field has an empty name");
  if (!IsUtf8(field.name)) faults.Add("the name of a field is not UTF-8: ", Quoted(field.name));
  if (field.name.size() > static_cast<size_t>(kFieldNameBytesMax)) {
    faults.Add("the name of a field has more than ", kFieldNameBytesMax, " bytes: ", Quoted(field.name));
  }
}

void CheckKey(std::string_view role, const Field& field, FaultList& faults) {
  if (!IsKeyKind(field.type.kind())) {
    faults.Add(role, " ", Quoted(field.name), " cannot be of type ", field.type,
               ": keys are integers, strings, bytes, dates or timestamps");
  }
  if (field.nullable) faults.Add(role, " ", Quoted(field.name), " cannot be nullable");
}

/// `columns` in the order of the fields' names.
std::vector<int> SortedByName(std::span<const Field> fields) {
  std::vector<int> columns(fields.size());
  std::iota(columns.begin(), columns.end(), 0);
  std::ranges::sort(columns, {},
                    [&](int column) -> std::string_view { return fields[static_cast<size_t>(column)].name; });
  return columns;
}

void CheckDistinct(std::span<const Field> fields, std::span<const int> by_name, FaultList& faults) {
  std::string duplicates;
  for (size_t i = 1; i < by_name.size(); ++i) {
    const std::string& name = fields[static_cast<size_t>(by_name[i])].name;
    const bool same = name == fields[static_cast<size_t>(by_name[i - 1])].name;
    const bool listed = i > 1 && name == fields[static_cast<size_t>(by_name[i - 2])].name;
    if (!same || listed) continue;
    if (!duplicates.empty()) duplicates += ", ";
    duplicates += Quoted(name);
  }
  if (!duplicates.empty()) faults.Add("field names are used more than once: ", duplicates);
}

}  // namespace

Result<Schema> Schema::Make(SchemaFields lists) {
  FaultList faults;
  if (lists.row_keys.empty()) faults.Add("there is no row key field");
  for (const Field& field : lists.row_keys) CheckKey("row key", field, faults);
  for (const Field& field : lists.sort_keys) CheckKey("sort key", field, faults);

  auto body = std::make_shared<Body>();
  body->row_keys = lists.row_keys.size();
  body->sort_keys = lists.sort_keys.size();
  body->fields = std::move(lists.row_keys);
  std::ranges::move(lists.sort_keys, std::back_inserter(body->fields));
  std::ranges::move(lists.values, std::back_inserter(body->fields));
  if (body->fields.size() > static_cast<size_t>(kFieldsMax)) {
    faults.Add("there are more than ", kFieldsMax, " fields: ", body->fields.size());
  }
  for (const Field& field : body->fields) CheckName(field, faults);
  body->by_name = SortedByName(body->fields);
  CheckDistinct(body->fields, body->by_name, faults);
  TRY(faults.ToStatus("schema"));
  return Schema(std::move(body));
}

std::optional<int> Schema::Find(std::string_view name) const {
  const auto name_of = [this](int column) -> std::string_view { return field(column).name; };
  const auto found = std::ranges::lower_bound(body_->by_name, name, {}, name_of);
  if (found == body_->by_name.end() || name_of(*found) != name) return std::nullopt;
  return *found;
}

bool operator==(const Schema& a, const Schema& b) {
  if (a.body_ == b.body_) return true;
  return a.body_->row_keys == b.body_->row_keys && a.body_->sort_keys == b.body_->sort_keys &&
         a.body_->fields == b.body_->fields;
}

}  // namespace sleeper::model
