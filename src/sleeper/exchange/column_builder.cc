#include "sleeper/exchange/column_builder.h"

#include <string>
#include <utility>

#include <arrow/array.h>
#include <arrow/array/builder_nested.h>
#include <arrow/builder.h>

#include "sleeper/base/utf8.h"
#include "sleeper/columnar/arrow_types.h"
#include "sleeper/exchange/place.h"
#include "sleeper/exchange/text_value.h"
#include "sleeper/model/date_text.h"

namespace sleeper::exchange {
namespace {

using model::TypeKind;

/// Refuses every JSON value; a builder accepts those that its type has.
class TypedBuilder : public ColumnBuilder {
 public:
  explicit TypedBuilder(model::Type type) : type_(type) {}

  Status Null() override { return AppendNull(); }
  Status Boolean(bool value) override { return Unexpected(value ? "true" : "false"); }
  Status Integer(int64_t value) override { return Unexpected(std::to_string(value)); }
  Status Unsigned(uint64_t value) override { return Unexpected(std::to_string(value)); }
  Status Number(std::string_view text) override { return Unexpected(text); }
  Status Text(std::string_view text) override { return Unexpected(text); }
  Status BeginList() override { return Unexpected("a list"); }
  Status EndList() override { return Unexpected("the end of a list"); }
  Status BeginObject() override { return Unexpected("an object"); }
  Status Key(std::string_view key) override { return Unexpected(key); }
  Status EndObject() override { return Unexpected("the end of an object"); }

 protected:
  const model::Type& type() const { return type_; }
  Status Unexpected(std::string_view found) const {
    return Error(ErrorKind::kInvalid, "cannot become ", type_, ": ", ShownValue(found));
  }

 private:
  const model::Type type_;
};

// Numbers: JSON's numbers, and texts that hold one, as many writers put 64-bit integers in quotes.
template <typename ArrowBuilder, auto kParse>
class NumberBuilder final : public TypedBuilder {
 public:
  using TypedBuilder::TypedBuilder;

  Status AppendField(std::string_view text) override {
    TRY_ASSIGN(const auto value, kParse(text));
    return builder_.Append(value);
  }
  Status AppendNull() override { return builder_.AppendNull(); }
  Status Integer(int64_t value) override { return AppendField(std::to_string(value)); }
  Status Unsigned(uint64_t value) override { return AppendField(std::to_string(value)); }
  Status Number(std::string_view text) override { return AppendField(text); }
  Status Text(std::string_view text) override { return AppendField(text); }

  int64_t bytes() const override {
    return builder_.length() * static_cast<int64_t>(sizeof(typename ArrowBuilder::value_type));
  }
  Result<std::shared_ptr<arrow::Array>> Finish() override { return builder_.Finish(); }

 private:
  ArrowBuilder builder_;
};

class BooleanBuilder final : public TypedBuilder {
 public:
  using TypedBuilder::TypedBuilder;

  Status AppendField(std::string_view text) override {
    TRY_ASSIGN(const bool value, ParseBoolean(text));
    return builder_.Append(value);
  }
  Status AppendNull() override { return builder_.AppendNull(); }
  Status Boolean(bool value) override { return builder_.Append(value); }
  Status Text(std::string_view text) override { return AppendField(text); }
  int64_t bytes() const override { return builder_.length() / 8; }
  Result<std::shared_ptr<arrow::Array>> Finish() override { return builder_.Finish(); }

 private:
  arrow::BooleanBuilder builder_;
};

class StringBuilder final : public TypedBuilder {
 public:
  using TypedBuilder::TypedBuilder;

  Status AppendField(std::string_view text) override {
    if (!IsUtf8(text)) return Refused("is not valid UTF-8", text);
    return builder_.Append(text);
  }
  Status AppendNull() override { return builder_.AppendNull(); }
  Status Text(std::string_view text) override { return AppendField(text); }
  int64_t bytes() const override { return builder_.length() * 4 + builder_.value_data_length(); }
  Result<std::shared_ptr<arrow::Array>> Finish() override { return builder_.Finish(); }

 private:
  arrow::StringBuilder builder_;
};

class BytesBuilder final : public TypedBuilder {
 public:
  using TypedBuilder::TypedBuilder;

  Status AppendField(std::string_view text) override {
    TRY_ASSIGN(const std::string value, ParseBase64(text));
    return builder_.Append(value);
  }
  Status AppendNull() override { return builder_.AppendNull(); }
  Status Text(std::string_view text) override { return AppendField(text); }
  int64_t bytes() const override { return builder_.length() * 4 + builder_.value_data_length(); }
  Result<std::shared_ptr<arrow::Array>> Finish() override { return builder_.Finish(); }

 private:
  arrow::BinaryBuilder builder_;
};

class DateBuilder final : public TypedBuilder {
 public:
  using TypedBuilder::TypedBuilder;

  Status AppendField(std::string_view text) override {
    TRY_ASSIGN(const model::Date date, model::ParseDate(WithoutSpaces(text)));
    return builder_.Append(date.days);
  }
  Status AppendNull() override { return builder_.AppendNull(); }
  Status Text(std::string_view text) override { return AppendField(text); }
  int64_t bytes() const override { return builder_.length() * 4; }
  Result<std::shared_ptr<arrow::Array>> Finish() override { return builder_.Finish(); }

 private:
  arrow::Date32Builder builder_;
};

class TimestampBuilder final : public TypedBuilder {
 public:
  using TypedBuilder::TypedBuilder;

  Status AppendField(std::string_view text) override {
    TRY_ASSIGN(const model::Timestamp timestamp, model::ParseTimestamp(WithoutSpaces(text)));
    return builder_.Append(timestamp.microseconds);
  }
  Status AppendNull() override { return builder_.AppendNull(); }
  Status Text(std::string_view text) override { return AppendField(text); }
  int64_t bytes() const override { return builder_.length() * 8; }
  Result<std::shared_ptr<arrow::Array>> Finish() override { return builder_.Finish(); }

 private:
  arrow::TimestampBuilder builder_{columnar::ToArrow(model::Type(TypeKind::kTimestamp)), arrow::default_memory_pool()};
};

// What lists and maps have in common: the lists of elements, of which the last may be open, and which of them are null.
class ListsBuilder {
 public:
  bool open() const { return open_; }
  void Begin() { open_ = true; }

  Status End(int64_t elements) {
    open_ = false;
    TRY(validity_.Append(true));
    return ends_.Append(static_cast<int32_t>(elements));
  }
  Status AppendNull(int64_t elements) {
    TRY(validity_.Append(false));
    return ends_.Append(static_cast<int32_t>(elements));
  }

  int64_t nulls() const { return validity_.false_count(); }
  int64_t bytes() const { return ends_.length() * 4; }

  struct Finished {
    int64_t length = 0;
    int64_t nulls = 0;
    std::shared_ptr<arrow::Buffer> offsets;
    std::shared_ptr<arrow::Buffer> validity;
  };
  Result<Finished> Finish() {
    Finished result{.length = validity_.length(), .nulls = validity_.false_count()};
    arrow::TypedBufferBuilder<int32_t> offsets;
    TRY(offsets.Append(0));
    TRY(offsets.Append(ends_.data(), ends_.length()));
    ends_.Reset();
    TRY_ASSIGN(result.offsets, offsets.Finish());
    TRY_ASSIGN(result.validity, validity_.Finish());
    if (result.nulls == 0) result.validity = nullptr;
    return result;
  }

 private:
  bool open_ = false;
  arrow::TypedBufferBuilder<int32_t> ends_;
  arrow::TypedBufferBuilder<bool> validity_;
};

// The JSON text of a list or map. What stands for null in a CSV field is not a matter of JSON: a JSON null is refused,
// however it is written. It is the parser that knows what it passes over, so it is asked what it has found.
Status ParseNested(std::string_view text, TypedBuilder& builder, const ListsBuilder& lists) {
  const int64_t nulls_before = lists.nulls();
  TRY(ParseJson(text, builder));
  return lists.nulls() == nulls_before ? Status::OK() : builder.TypedBuilder::Text(text);
}

class ListBuilder final : public TypedBuilder {
 public:
  explicit ListBuilder(model::Type type) : TypedBuilder(type), elements_(Make(type.element())) {}

  Status AppendField(std::string_view text) override { return ParseNested(text, *this, lists_); }
  Status AppendNull() override { return lists_.AppendNull(count_); }

  Status Null() override { return lists_.open() ? Element(elements_->AppendNull()) : AppendNull(); }
  Status Boolean(bool value) override {
    return lists_.open() ? Element(elements_->Boolean(value)) : TypedBuilder::Boolean(value);
  }
  Status Integer(int64_t value) override {
    return lists_.open() ? Element(elements_->Integer(value)) : TypedBuilder::Integer(value);
  }
  Status Unsigned(uint64_t value) override {
    return lists_.open() ? Element(elements_->Unsigned(value)) : TypedBuilder::Unsigned(value);
  }
  Status Number(std::string_view text) override {
    return lists_.open() ? Element(elements_->Number(text)) : TypedBuilder::Number(text);
  }
  Status Text(std::string_view text) override {
    return lists_.open() ? Element(elements_->Text(text)) : TypedBuilder::Text(text);
  }
  Status BeginList() override {
    if (lists_.open()) return TypedBuilder::BeginList();
    lists_.Begin();
    return Status::OK();
  }
  Status EndList() override { return lists_.End(count_); }

  int64_t bytes() const override { return lists_.bytes() + elements_->bytes(); }
  Result<std::shared_ptr<arrow::Array>> Finish() override {
    TRY_ASSIGN(const ListsBuilder::Finished lists, lists_.Finish());
    TRY_ASSIGN(const std::shared_ptr<arrow::Array> elements, elements_->Finish());
    count_ = 0;
    return std::make_shared<arrow::ListArray>(columnar::ToArrow(type()), lists.length, lists.offsets, elements,
                                              lists.validity, lists.nulls);
  }

 private:
  Status Element(Status appended) {
    ++count_;
    return appended;
  }

  const std::unique_ptr<ColumnBuilder> elements_;
  ListsBuilder lists_;
  int64_t count_ = 0;
};

class MapBuilder final : public TypedBuilder {
 public:
  explicit MapBuilder(model::Type type) : TypedBuilder(type), keys_(Make(type.element())), items_(Make(type.value())) {}

  Status AppendField(std::string_view text) override { return ParseNested(text, *this, maps_); }
  Status AppendNull() override { return maps_.AppendNull(count_); }

  Status Null() override { return maps_.open() ? items_->AppendNull() : AppendNull(); }
  Status Boolean(bool value) override { return maps_.open() ? items_->Boolean(value) : TypedBuilder::Boolean(value); }
  Status Integer(int64_t value) override {
    return maps_.open() ? items_->Integer(value) : TypedBuilder::Integer(value);
  }
  Status Unsigned(uint64_t value) override {
    return maps_.open() ? items_->Unsigned(value) : TypedBuilder::Unsigned(value);
  }
  Status Number(std::string_view text) override {
    return maps_.open() ? items_->Number(text) : TypedBuilder::Number(text);
  }
  Status Text(std::string_view text) override { return maps_.open() ? items_->Text(text) : TypedBuilder::Text(text); }
  Status BeginObject() override {
    if (maps_.open()) return TypedBuilder::BeginObject();
    maps_.Begin();
    return Status::OK();
  }
  Status Key(std::string_view key) override {
    ++count_;
    return keys_->AppendField(key);
  }
  Status EndObject() override { return maps_.End(count_); }

  int64_t bytes() const override { return maps_.bytes() + keys_->bytes() + items_->bytes(); }
  Result<std::shared_ptr<arrow::Array>> Finish() override {
    TRY_ASSIGN(const ListsBuilder::Finished maps, maps_.Finish());
    TRY_ASSIGN(const std::shared_ptr<arrow::Array> keys, keys_->Finish());
    TRY_ASSIGN(const std::shared_ptr<arrow::Array> items, items_->Finish());
    count_ = 0;
    return std::make_shared<arrow::MapArray>(columnar::ToArrow(type()), maps.length, maps.offsets, keys, items,
                                             maps.validity, maps.nulls);
  }

 private:
  const std::unique_ptr<ColumnBuilder> keys_;
  const std::unique_ptr<ColumnBuilder> items_;
  ListsBuilder maps_;
  int64_t count_ = 0;
};

}  // namespace

std::unique_ptr<ColumnBuilder> ColumnBuilder::Make(const model::Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt:
      return std::make_unique<NumberBuilder<arrow::Int32Builder, ParseInt>>(type);
    case TypeKind::kLong:
      return std::make_unique<NumberBuilder<arrow::Int64Builder, ParseLong>>(type);
    case TypeKind::kFloat:
      return std::make_unique<NumberBuilder<arrow::FloatBuilder, ParseFloat>>(type);
    case TypeKind::kDouble:
      return std::make_unique<NumberBuilder<arrow::DoubleBuilder, ParseDouble>>(type);
    case TypeKind::kBoolean:
      return std::make_unique<BooleanBuilder>(type);
    case TypeKind::kString:
      return std::make_unique<StringBuilder>(type);
    case TypeKind::kBytes:
      return std::make_unique<BytesBuilder>(type);
    case TypeKind::kDate:
      return std::make_unique<DateBuilder>(type);
    case TypeKind::kTimestamp:
      return std::make_unique<TimestampBuilder>(type);
    case TypeKind::kList:
      return std::make_unique<ListBuilder>(type);
    case TypeKind::kMap:
      return std::make_unique<MapBuilder>(type);
  }
  SLEEPER_CHECK(false, "unknown type");
  return nullptr;
}

}  // namespace sleeper::exchange
