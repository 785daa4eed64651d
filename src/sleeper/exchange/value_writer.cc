#include "sleeper/exchange/value_writer.h"

#include <cmath>
#include <iterator>

#include <arrow/array.h>
#include <fmt/format.h>

#include "sleeper/base/base64.h"
#include "sleeper/base/check.h"
#include "sleeper/model/date_text.h"

namespace sleeper::exchange {
namespace {

using model::TypeKind;

template <typename ArrayType>
class IntegerWriter final : public ValueWriter {
 public:
  void AppendPlain(std::string& out, const arrow::Array& values, int64_t index) const override {
    const fmt::format_int text(static_cast<const ArrayType&>(values).Value(index));
    out.append(text.data(), text.size());
  }
  bool is_number() const override { return true; }

 protected:
  void AppendJsonValue(std::string& out, const arrow::Array& values, int64_t index) const override {
    AppendPlain(out, values, index);
  }
};

// The shortest decimal number that is read as the same one, always with a point or an exponent.
template <typename ArrayType>
class RealWriter final : public ValueWriter {
 public:
  void AppendPlain(std::string& out, const arrow::Array& values, int64_t index) const override {
    const auto value = static_cast<const ArrayType&>(values).Value(index);
    if (std::isnan(value)) {
      out += "NaN";
    } else if (std::isinf(value)) {
      out += value < 0 ? "-Infinity" : "Infinity";
    } else {
      const size_t before = out.size();
      fmt::format_to(std::back_inserter(out), "{}", value);
      if (out.find_first_of(".e", before) == std::string::npos) out += ".0";
    }
  }
  bool is_number() const override { return true; }

 protected:
  // JSON has no number for what is not finite.
  void AppendJsonValue(std::string& out, const arrow::Array& values, int64_t index) const override {
    const bool finite = std::isfinite(static_cast<const ArrayType&>(values).Value(index));
    if (!finite) out += '"';
    AppendPlain(out, values, index);
    if (!finite) out += '"';
  }
};

class BooleanWriter final : public ValueWriter {
 public:
  void AppendPlain(std::string& out, const arrow::Array& values, int64_t index) const override {
    out += static_cast<const arrow::BooleanArray&>(values).Value(index) ? "true" : "false";
  }

 protected:
  void AppendJsonValue(std::string& out, const arrow::Array& values, int64_t index) const override {
    AppendPlain(out, values, index);
  }
};

class StringWriter final : public ValueWriter {
 public:
  void AppendPlain(std::string& out, const arrow::Array& values, int64_t index) const override {
    out += static_cast<const arrow::StringArray&>(values).GetView(index);
  }

 protected:
  void AppendJsonValue(std::string& out, const arrow::Array& values, int64_t index) const override {
    AppendJsonString(out, static_cast<const arrow::StringArray&>(values).GetView(index));
  }
};

/// Values whose plain text needs quotes but no escapes in JSON.
class QuotedWriter : public ValueWriter {
 protected:
  void AppendJsonValue(std::string& out, const arrow::Array& values, int64_t index) const override {
    out += '"';
    AppendPlain(out, values, index);
    out += '"';
  }
};

class BytesWriter final : public QuotedWriter {
 public:
  void AppendPlain(std::string& out, const arrow::Array& values, int64_t index) const override {
    out += EncodeBase64(static_cast<const arrow::BinaryArray&>(values).GetView(index));
  }
};

class DateWriter final : public QuotedWriter {
 public:
  void AppendPlain(std::string& out, const arrow::Array& values, int64_t index) const override {
    out += model::FormatDate({static_cast<const arrow::Date32Array&>(values).Value(index)});
  }
};

class TimestampWriter final : public QuotedWriter {
 public:
  void AppendPlain(std::string& out, const arrow::Array& values, int64_t index) const override {
    out += model::FormatTimestamp({static_cast<const arrow::TimestampArray&>(values).Value(index)});
  }
};

class ListWriter final : public ValueWriter {
 public:
  explicit ListWriter(const model::Type& type) : elements_(Make(type.element())) {}

  void AppendPlain(std::string& out, const arrow::Array& values, int64_t index) const override {
    const auto& lists = static_cast<const arrow::ListArray&>(values);
    const int64_t end = lists.value_offset(index + 1);
    out += '[';
    for (int64_t i = lists.value_offset(index); i < end; ++i) {
      elements_->AppendJson(out, *lists.values(), i);
      if (i + 1 < end) out += ',';
    }
    out += ']';
  }

 protected:
  void AppendJsonValue(std::string& out, const arrow::Array& values, int64_t index) const override {
    AppendPlain(out, values, index);
  }

 private:
  const std::unique_ptr<ValueWriter> elements_;
};

class MapWriter final : public ValueWriter {
 public:
  explicit MapWriter(const model::Type& type) : keys_(Make(type.element())), items_(Make(type.value())) {}

  void AppendPlain(std::string& out, const arrow::Array& values, int64_t index) const override {
    const auto& maps = static_cast<const arrow::MapArray&>(values);
    const int64_t end = maps.value_offset(index + 1);
    out += '{';
    std::string key;
    for (int64_t i = maps.value_offset(index); i < end; ++i) {
      key.clear();
      keys_->AppendPlain(key, *maps.keys(), i);
      AppendJsonString(out, key);
      out += ':';
      items_->AppendJson(out, *maps.items(), i);
      if (i + 1 < end) out += ',';
    }
    out += '}';
  }

 protected:
  void AppendJsonValue(std::string& out, const arrow::Array& values, int64_t index) const override {
    AppendPlain(out, values, index);
  }

 private:
  const std::unique_ptr<ValueWriter> keys_;
  const std::unique_ptr<ValueWriter> items_;
};

}  // namespace

std::unique_ptr<ValueWriter> ValueWriter::Make(const model::Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt:
      return std::make_unique<IntegerWriter<arrow::Int32Array>>();
    case TypeKind::kLong:
      return std::make_unique<IntegerWriter<arrow::Int64Array>>();
    case TypeKind::kString:
      return std::make_unique<StringWriter>();
    case TypeKind::kBytes:
      return std::make_unique<BytesWriter>();
    case TypeKind::kDate:
      return std::make_unique<DateWriter>();
    case TypeKind::kTimestamp:
      return std::make_unique<TimestampWriter>();
    case TypeKind::kBoolean:
      return std::make_unique<BooleanWriter>();
    case TypeKind::kFloat:
      return std::make_unique<RealWriter<arrow::FloatArray>>();
    case TypeKind::kDouble:
      return std::make_unique<RealWriter<arrow::DoubleArray>>();
    case TypeKind::kList:
      return std::make_unique<ListWriter>(type);
    case TypeKind::kMap:
      return std::make_unique<MapWriter>(type);
  }
  SLEEPER_CHECK(false, "unknown type");
  return nullptr;
}

void ValueWriter::AppendJson(std::string& out, const arrow::Array& values, int64_t index) const {
  if (values.IsNull(index)) {
    out += "null";
  } else {
    AppendJsonValue(out, values, index);
  }
}

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    }
  }
  out.append(text, plain);
  out += '"';
}

}  // namespace sleeper::exchange
