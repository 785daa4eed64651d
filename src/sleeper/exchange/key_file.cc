#include "sleeper/exchange/key_file.h"

#include <string>
#include <utility>

#include <arrow/array.h>

#include "sleeper/columnar/layout.h"
#include "sleeper/exchange/input_reader.h"
#include "sleeper/exchange/magic.h"
#include "sleeper/exchange/parquet_reader.h"
#include "sleeper/exchange/peeked_source.h"
#include "sleeper/exchange/text_lines.h"
#include "sleeper/exchange/text_source.h"
#include "sleeper/model/key_codec.h"
#include "sleeper/model/key_text.h"

namespace sleeper::exchange {
namespace {

constexpr int64_t kLineBytesMax = int64_t{1} << 20;

Status TooMany(const std::string& name) {
  return WithHint(Error(ErrorKind::kExhausted, name, ": more than ", kKeysMax, " keys"), "use several files");
}

struct Line {
  model::KeyTuple key;
  int64_t number = 0;
};

/// The keys of a text, line by line. Confined.
class KeyLines {
 public:
  KeyLines(std::unique_ptr<InputSource> text, const model::Schema& schema, const CallContext& call)
      : text_(std::move(text)),
        schema_(schema),
        // An empty line can only be a key if the whole line is one.
        skips_empty_(schema.row_key_count() > 1 || schema.field(0).type != model::TypeKind::kString),
        lines_(*text_, kLineBytesMax, call) {}

  const std::string& name() const { return text_->name(); }

  /// Nothing at the end.
  Result<std::optional<Line>> Next() {
    for (;;) {
      TRY_ASSIGN(const std::optional<std::string_view> text, lines_.Next());
      if (!text) return std::nullopt;
      if (text->empty() && skips_empty_) continue;
      auto key = model::ParseKeyLine(schema_, *text);
      if (!key.ok()) return Explained(key.status(), lines_.number());
      return Line{.key = std::move(key).ValueUnsafe(), .number = lines_.number()};
    }
  }

  Status Refuse(int64_t number, std::string_view why, std::string_view key) const {
    return Explained(Error(ErrorKind::kInvalid, why, ": ", key), number);
  }

 private:
  Status Explained(const Status& failure, int64_t number) const {
    return WithContext(failure, name() + ": line " + std::to_string(number));
  }

  const std::unique_ptr<InputSource> text_;
  const model::Schema& schema_;
  const bool skips_empty_;
  TextLines lines_;
};

model::KeyValue ValueAt(const arrow::Array& values, model::TypeKind kind, int64_t row) {
  switch (kind) {
    case model::TypeKind::kInt:
      return static_cast<const arrow::Int32Array&>(values).Value(row);
    case model::TypeKind::kLong:
      return static_cast<const arrow::Int64Array&>(values).Value(row);
    case model::TypeKind::kString:
      return static_cast<const arrow::StringArray&>(values).GetString(row);
    case model::TypeKind::kBytes:
      return model::Bytes{static_cast<const arrow::BinaryArray&>(values).GetString(row)};
    case model::TypeKind::kDate:
      return model::Date{static_cast<const arrow::Date32Array&>(values).Value(row)};
    case model::TypeKind::kTimestamp:
      return model::Timestamp{static_cast<const arrow::TimestampArray&>(values).Value(row)};
    default:
      break;
  }
  SLEEPER_CHECK(false, "not the type of a key");
  return int32_t{0};
}

Result<std::shared_ptr<const columnar::Layout>> RowKeyLayout(const model::Schema& schema) {
  std::vector<std::string> names;
  for (const model::Field& field : schema.row_key_fields()) names.push_back(field.name);
  return columnar::Layout::Of(schema)->Select(names);
}

Result<std::vector<model::KeyTuple>> ReadParquetKeys(std::unique_ptr<InputSource> source, const model::Schema& schema,
                                                     const CallContext& call) {
  TRY_ASSIGN(const auto layout, RowKeyLayout(schema));
  TRY_ASSIGN(const auto reader, OpenParquet(std::move(source), InputOptions{}, layout, call));
  if (reader->rows_total() > kKeysMax) return TooMany(reader->name());
  std::vector<model::KeyTuple> keys;
  for (;;) {
    TRY_ASSIGN(const std::optional<columnar::Batch> batch, reader->Next());
    if (!batch) return keys;
    for (int64_t row = 0; row < batch->rows(); ++row) {
      model::KeyTuple& key = keys.emplace_back();
      for (int column = 0; column < layout->columns(); ++column) {
        key.push_back(ValueAt(*batch->column(column), layout->field(column).type.kind(), row));
      }
    }
  }
}

Result<std::vector<model::KeyTuple>> ReadTextKeys(std::unique_ptr<InputSource> source, const model::Schema& schema,
                                                  const CallContext& call) {
  TRY_ASSIGN(auto text, OpenText(std::move(source), call));
  KeyLines lines(std::move(text), schema, call);
  std::vector<model::KeyTuple> keys;
  for (;;) {
    TRY_ASSIGN(std::optional<Line> line, lines.Next());
    if (!line) return keys;
    if (static_cast<int>(line->key.size()) < schema.row_key_count()) {
      return lines.Refuse(line->number,
                          "a whole key has " + std::to_string(schema.row_key_count()) + " fields, here are",
                          std::to_string(line->key.size()));
    }
    if (static_cast<int64_t>(keys.size()) == kKeysMax) return TooMany(lines.name());
    keys.push_back(std::move(line->key));
  }
}

}  // namespace

Result<std::vector<model::KeyTuple>> ReadKeyFile(std::unique_ptr<InputSource> source, const model::Schema& schema,
                                                 const CallContext& call) {
  TRY_ASSIGN(auto peeked, PeekedSource::Open(std::move(source), kMagicBytes, call));
  if (BeginsAsParquet(peeked->head().view())) return ReadParquetKeys(std::move(peeked), schema, call);
  return ReadTextKeys(std::move(peeked), schema, call);
}

Result<std::vector<model::KeyTuple>> ReadSplitPoints(std::unique_ptr<InputSource> source, const model::Schema& schema,
                                                     const CallContext& call) {
  TRY_ASSIGN(auto text, OpenText(std::move(source), call));
  KeyLines lines(std::move(text), schema, call);
  std::vector<model::KeyTuple> points;
  model::NormalisedKey previous;
  for (;;) {
    TRY_ASSIGN(std::optional<Line> line, lines.Next());
    if (!line) return points;
    if (static_cast<int64_t>(points.size()) == kKeysMax) return TooMany(lines.name());
    model::NormalisedKey key = model::EncodeKey(line->key);
    if (!points.empty() && key <= previous) {
      return lines.Refuse(line->number,
                          key == previous ? "a split point repeats the one before it"
                                          : "split points must ascend, this one is less than the one before it",
                          model::FormatKey(schema.row_key_fields(), key));
    }
    previous = std::move(key);
    points.push_back(std::move(line->key));
  }
}

}  // namespace sleeper::exchange
