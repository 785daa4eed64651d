#include "sleeper/columnar/testing/batches.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/builder.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include "sleeper/base/check.h"
#include "sleeper/columnar/key_column.h"
#include "sleeper/model/schema_json.h"
#include "sleeper/model/testing/random_keys.h"

namespace sleeper::columnar {
namespace {

template <typename T>
T Must(Result<T> result) {
  SLEEPER_CHECK(result.ok(), result.status().ToString());
  return std::move(result).ValueUnsafe();
}

void Must(const Status& status) { SLEEPER_CHECK(status.ok(), status.ToString()); }

std::string RandomBytes(Random& random, size_t size_max) {
  std::string bytes;
  const size_t size = random.Below(size_max + 1);
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>('a' + random.Below(26)));
  return bytes;
}

void AppendKeyTyped(arrow::ArrayBuilder& builder, const model::KeyValue& value) {
  if (const auto* number = std::get_if<int32_t>(&value)) {
    Must(static_cast<arrow::Int32Builder&>(builder).Append(*number));
  } else if (const auto* wide = std::get_if<int64_t>(&value)) {
    Must(static_cast<arrow::Int64Builder&>(builder).Append(*wide));
  } else if (const auto* date = std::get_if<model::Date>(&value)) {
    Must(static_cast<arrow::Date32Builder&>(builder).Append(date->days));
  } else if (const auto* time = std::get_if<model::Timestamp>(&value)) {
    Must(static_cast<arrow::TimestampBuilder&>(builder).Append(time->microseconds));
  } else if (const auto* bytes = std::get_if<model::Bytes>(&value)) {
    Must(static_cast<arrow::BinaryBuilder&>(builder).Append(bytes->value));
  } else {
    Must(static_cast<arrow::StringBuilder&>(builder).Append(std::get<std::string>(value)));
  }
}

void AppendPrimitive(arrow::ArrayBuilder& builder, model::TypeKind kind, Random& random) {
  switch (kind) {
    case model::TypeKind::kBoolean:
      return Must(static_cast<arrow::BooleanBuilder&>(builder).Append(random.Below(2) == 1));
    case model::TypeKind::kFloat:
      return Must(static_cast<arrow::FloatBuilder&>(builder).Append(static_cast<float>(random.Fraction() - 0.5)));
    case model::TypeKind::kDouble:
      return Must(static_cast<arrow::DoubleBuilder&>(builder).Append((random.Fraction() - 0.5) * 1e9));
    case model::TypeKind::kString:
      if (random.Below(4) == 0) {
        return Must(static_cast<arrow::StringBuilder&>(builder).Append(RandomBytes(random, 60)));
      }
      [[fallthrough]];
    default:
      return AppendKeyTyped(builder, model::RandomKeyValue(random, kind));
  }
}

void AppendMaybeNull(arrow::ArrayBuilder& builder, model::TypeKind kind, Random& random) {
  if (random.Below(4) == 0) return Must(builder.AppendNull());
  AppendPrimitive(builder, kind, random);
}

/// Most lists are short, some empty, a few long.
uint64_t ElementsOf(Random& random) { return random.Below(50) == 0 ? random.Below(200) : random.Below(4); }

void AppendValue(arrow::ArrayBuilder& builder, const model::Field& field, Random& random) {
  if (field.nullable && random.Below(5) == 0) return Must(builder.AppendNull());
  switch (field.type.kind()) {
    case model::TypeKind::kList: {
      auto& list = static_cast<arrow::ListBuilder&>(builder);
      Must(list.Append());
      for (uint64_t i = ElementsOf(random); i > 0; --i)
        AppendMaybeNull(*list.value_builder(), field.type.element(), random);
      return;
    }
    case model::TypeKind::kMap: {
      auto& map = static_cast<arrow::MapBuilder&>(builder);
      Must(map.Append());
      for (uint64_t i = ElementsOf(random); i > 0; --i) {
        AppendPrimitive(*map.key_builder(), field.type.element(), random);
        AppendMaybeNull(*map.item_builder(), field.type.value(), random);
      }
      return;
    }
    default:
      return AppendPrimitive(builder, field.type.kind(), random);
  }
}

std::shared_ptr<arrow::Array> RandomArray(const arrow::DataType& type, const model::Field& field, bool is_key,
                                          int64_t rows, Random& random) {
  std::unique_ptr<arrow::ArrayBuilder> builder = Must(arrow::MakeBuilder(type.GetSharedPtr()));
  for (int64_t row = 0; row < rows; ++row) {
    if (is_key) {
      AppendKeyTyped(*builder, model::RandomKeyValue(random, field.type.kind()));
    } else {
      AppendValue(*builder, field, random);
    }
  }
  std::shared_ptr<arrow::Array> array;
  Must(builder->Finish(&array));
  return array;
}

}  // namespace

std::shared_ptr<const Layout> LayoutOf(std::string_view schema_json) {
  return Layout::Of(Must(model::ParseSchemaJson(schema_json)));
}

std::shared_ptr<const Layout> LayoutOfAllTypes() {
  return LayoutOf(R"({
    "rowKeyFields": [{"name": "k0", "type": "StringType"}, {"name": "k1", "type": "IntType"},
                     {"name": "k2", "type": "ByteArrayType"}, {"name": "k3", "type": "DateType"}],
    "sortKeyFields": [{"name": "s0", "type": "LongType"}, {"name": "s1", "type": "TimestampType"}],
    "valueFields": [
      {"name": "int", "type": "IntType", "nullable": true}, {"name": "long", "type": "LongType", "nullable": true},
      {"name": "string", "type": "StringType", "nullable": true},
      {"name": "bytes", "type": "ByteArrayType", "nullable": true},
      {"name": "date", "type": "DateType", "nullable": true},
      {"name": "time", "type": "TimestampType", "nullable": true},
      {"name": "bool", "type": "BooleanType", "nullable": true},
      {"name": "float", "type": "FloatType", "nullable": true},
      {"name": "double", "type": "DoubleType", "nullable": true},
      {"name": "list", "type": {"ListType": {"elementType": "StringType"}}, "nullable": true},
      {"name": "map", "type": {"MapType": {"keyType": "StringType", "valueType": "LongType"}}, "nullable": true},
      {"name": "sure_bool", "type": "BooleanType"}, {"name": "sure_double", "type": "DoubleType"},
      {"name": "sure_string", "type": "StringType"},
      {"name": "sure_list", "type": {"ListType": {"elementType": "IntType"}}},
      {"name": "sure_map", "type": {"MapType": {"keyType": "IntType", "valueType": "StringType"}}}]})");
}

std::shared_ptr<const Layout> ReferenceLayout() {
  return LayoutOf(R"({
    "rowKeyFields": [{"name": "key", "type": "StringType"}], "sortKeyFields": [{"name": "sort", "type": "LongType"}],
    "valueFields": [{"name": "value", "type": "StringType"},
                    {"name": "nullable", "type": "StringType", "nullable": true}]})");
}

Batch BatchOf(const std::shared_ptr<const Layout>& layout, std::span<const std::string> columns) {
  SLEEPER_CHECK(static_cast<int>(columns.size()) == layout->columns(), "columns given: ", columns.size());
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (int column = 0; column < layout->columns(); ++column) {
    arrays.push_back(Must(arrow::json::ArrayFromJSONString(layout->arrow_schema()->field(column)->type(),
                                                           columns[static_cast<size_t>(column)])));
  }
  const int64_t rows = arrays.front()->length();
  return Must(Batch::Make(layout, arrow::RecordBatch::Make(layout->arrow_schema(), rows, std::move(arrays))));
}

Batch BatchOf(const std::shared_ptr<const Layout>& layout, std::initializer_list<std::string> columns) {
  return BatchOf(layout, std::span(columns.begin(), columns.size()));
}

Batch RandomBatch(const std::shared_ptr<const Layout>& layout, int64_t rows, Random& random) {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (int column = 0; column < layout->columns(); ++column) {
    const bool is_key = column < layout->schema().key_count();
    arrays.push_back(
        RandomArray(*layout->arrow_schema()->field(column)->type(), layout->field(column), is_key, rows, random));
  }
  return Must(Batch::Make(layout, arrow::RecordBatch::Make(layout->arrow_schema(), rows, std::move(arrays))));
}

Batch ReferenceRows(int64_t rows, uint64_t seed) {
  SeededRandom random(seed);
  arrow::StringBuilder key;
  arrow::Int64Builder sort;
  arrow::StringBuilder value;
  arrow::StringBuilder nullable;
  const auto letters = [&] {
    // Ten letters out of one random number: 26^10 is less than 2^48.
    uint64_t number = random.Next();
    std::string text(10, 'a');
    for (char& letter : text) {
      letter = static_cast<char>('a' + number % 26);
      number /= 26;
    }
    return text;
  };
  for (int64_t row = 0; row < rows; ++row) {
    Must(key.Append(letters()));
    Must(sort.Append(static_cast<int64_t>(random.Next()) / 2));
    Must(value.Append(letters()));
    Must(random.Below(5) == 0 ? nullable.AppendNull() : nullable.Append(letters()));
  }
  const auto layout = ReferenceLayout();
  return Batch::Trusted(layout, arrow::RecordBatch::Make(layout->arrow_schema(), rows,
                                                         {Must(key.Finish()), Must(sort.Finish()), Must(value.Finish()),
                                                          Must(nullable.Finish())}));
}

std::vector<std::string> TextOf(const Batch& batch) {
  std::vector<std::string> texts;
  for (int64_t row = 0; row < batch.rows(); ++row) {
    std::string text = "(";
    for (int column = 0; column < batch.layout().columns(); ++column) {
      if (column > 0) text += ", ";
      text += Must(batch.column(column)->GetScalar(row))->ToString();
    }
    texts.push_back(text + ")");
  }
  return texts;
}

std::vector<std::string> TextOf(std::span<const Batch> batches) {
  std::vector<std::string> texts;
  for (const Batch& batch : batches) {
    for (std::string& text : TextOf(batch)) texts.push_back(std::move(text));
  }
  return texts;
}

Batch SortedCopy(std::span<const Batch> batches) {
  SLEEPER_CHECK(!batches.empty(), "nothing to sort");
  const std::shared_ptr<const Layout>& layout = batches.front().shared_layout();
  arrow::RecordBatchVector parts;
  for (const Batch& batch : batches) parts.push_back(batch.arrow());
  const Batch all = Batch::Trusted(layout, Must(arrow::ConcatenateRecordBatches(parts)));
  KeyColumn keys;
  Must(keys.Encode(all));
  std::vector<int64_t> order(static_cast<size_t>(all.rows()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return keys.key(a) < keys.key(b); });
  // Row by row, through slices: slow and beyond doubt.
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (int column = 0; column < layout->columns(); ++column) {
    arrow::ArrayVector rows;
    for (const int64_t row : order) rows.push_back(all.column(column)->Slice(row, 1));
    if (rows.empty()) rows.push_back(all.column(column));
    columns.push_back(Must(arrow::Concatenate(rows)));
  }
  return Batch::Trusted(layout, arrow::RecordBatch::Make(layout->arrow_schema(), all.rows(), std::move(columns)));
}

std::vector<Batch> CutIntoPieces(const Batch& batch, int64_t rows_max) {
  std::vector<Batch> pieces;
  for (int64_t begin = 0; begin < batch.rows(); begin += rows_max) {
    pieces.push_back(batch.Slice(begin, std::min(rows_max, batch.rows() - begin)));
  }
  return pieces;
}

Batch WithOffsets(const Batch& batch) {
  if (batch.rows() == 0) return batch;
  const arrow::RecordBatchVector parts = {batch.Slice(0, 1).arrow(), batch.arrow(), batch.Slice(0, 1).arrow()};
  return Batch::Trusted(batch.shared_layout(), Must(arrow::ConcatenateRecordBatches(parts))).Slice(1, batch.rows());
}

}  // namespace sleeper::columnar
