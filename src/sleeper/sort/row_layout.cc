#include "sleeper/sort/row_layout.h"

#include <algorithm>

#include "sleeper/base/check.h"

namespace sleeper::sort {
namespace {

constexpr size_t kSizeBytes = 4;

size_t WidthOf(model::TypeKind kind) {
  switch (kind) {
    case model::TypeKind::kBoolean:
      return 1;
    case model::TypeKind::kInt:
    case model::TypeKind::kDate:
    case model::TypeKind::kFloat:
      return 4;
    case model::TypeKind::kLong:
    case model::TypeKind::kTimestamp:
    case model::TypeKind::kDouble:
      return 8;
    case model::TypeKind::kString:
    case model::TypeKind::kBytes:
      return 0;
    case model::TypeKind::kList:
    case model::TypeKind::kMap:
      break;
  }
  SLEEPER_CHECK(false, "rows with lists or maps have no flat form");
  return 0;
}

}  // namespace

bool RowLayout::CanHold(const model::Schema& schema) {
  return std::ranges::all_of(schema.fields(),
                             [](const model::Field& field) { return model::IsPrimitive(field.type.kind()); });
}

RowLayout::RowLayout(const model::Schema& schema) : row_keys_(static_cast<size_t>(schema.row_key_count())) {
  for (int i = 0; i < schema.field_count(); ++i) {
    columns_.push_back({.width = WidthOf(schema.field(i).type.kind()), .is_key = schema.IsKey(i)});
  }
  const auto varies = [](const Column& column) { return column.is_key && column.width == 0; };
  size_t end = 0;
  if (std::ranges::any_of(columns_, varies)) {
    end = kSizeBytes;
    key_size_at_ = 0;
  }
  for (Column& column : columns_) {
    if (column.is_key) key_width_ += column.width;
    if (column.width > 0) continue;
    column.at = end;
    if (!column.is_key) tail_sizes_at_.push_back(end);
    end += kSizeBytes;
  }
  for (int i = 0; i < schema.field_count(); ++i) {
    if (schema.field(i).nullable) columns_[static_cast<size_t>(i)].valid_at = end++;
  }
  for (Column& column : columns_) {
    if (column.is_key || column.width == 0) continue;
    column.at = end;
    end += column.width;
  }
  key_begin_ = end;
}

}  // namespace sleeper::sort
