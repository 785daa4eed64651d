#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "sleeper/base/base64.h"
#include "sleeper/base/utf8.h"
#include "sleeper/model/quoted_text.h"
#include "sleeper/model/schema_json.h"
#include "sleeper/report/key_json.h"
#include "sleeper/state/describe.h"

namespace sleeper::report {

std::string_view JobKindName(state::JobKind kind);
std::string_view JobResultName(state::JobResult result);

/// Sixteen digits of each sum.
std::string RowHashText(const model::RowHash& hash);

/// A visitor of what state/describe.h describes that makes JSON of it. Confined.
class JsonVisitor {
 public:
  static constexpr bool kFillsIn = false;

  /// `schema` says what keys look like; both must outlive the visitor.
  JsonVisitor(const model::Schema& schema, nlohmann::ordered_json& out) : schema_(schema), out_(out) {}

  template <typename T>
  void Field(std::string_view name, const T& value) {
    out_[std::string(name)] = Show(value);
  }
  template <typename T>
  void Key(std::string_view name, const T& value) {
    out_[std::string(name)] = ShowKey(value);
  }

  nlohmann::ordered_json Show(bool value) const { return value; }
  template <std::integral T>
  nlohmann::ordered_json Show(T value) const {
    return value;
  }
  nlohmann::ordered_json Show(state::JobKind value) const { return JobKindName(value); }
  nlohmann::ordered_json Show(state::JobResult value) const { return JobResultName(value); }
  nlohmann::ordered_json Show(const std::string& value) const {
    return IsUtf8(value) ? value : "base64:" + EncodeBase64(value);
  }
  template <IdTag kTag>
  nlohmann::ordered_json Show(const StrongId<kTag>& value) const {
    return value.value();
  }
  nlohmann::ordered_json Show(const model::RowHash& value) const { return RowHashText(value); }
  nlohmann::ordered_json Show(WallTime value) const { return FormatWallTime(value); }
  nlohmann::ordered_json Show(const model::PropertyMap& value) const { return value; }
  nlohmann::ordered_json Show(const model::TableDefinition& value) const {
    return {{"schema", nlohmann::ordered_json::parse(model::WriteSchemaJson(value.schema))},
            {"properties", value.properties},
            {"version", value.version}};
  }
  template <typename T>
  nlohmann::ordered_json Show(const std::optional<T>& value) const {
    return value ? Show(*value) : nlohmann::ordered_json(nullptr);
  }
  template <typename T>
  nlohmann::ordered_json Show(const std::vector<T>& values) const {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const T& value : values) list.push_back(Show(value));
    return list;
  }
  template <typename T>
  requires std::is_class_v<T> nlohmann::ordered_json Show(const T& value)
  const {
    using state::Describe;
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    JsonVisitor visitor(schema_, object);
    Describe(visitor, value);
    return object;
  }

 private:
  nlohmann::ordered_json ShowKey(const model::NormalisedKey& key) const { return KeyJson(schema_, key); }
  nlohmann::ordered_json ShowKey(const std::optional<model::NormalisedKey>& key) const {
    return key ? ShowKey(*key) : nlohmann::ordered_json(nullptr);
  }
  nlohmann::ordered_json ShowKey(const std::vector<model::NormalisedKey>& keys) const {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const model::NormalisedKey& key : keys) list.push_back(ShowKey(key));
    return list;
  }

  const model::Schema& schema_;
  nlohmann::ordered_json& out_;
};

}  // namespace sleeper::report
