#include "sleeper/model/json_text.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sleeper/model/quoted_text.h"

namespace sleeper::model {
namespace {

using Json = nlohmann::json;

/// The parser's text without the end of a long token, which it quotes whole, and be it all of the input.
std::string WithShortToken(std::string_view why) {
  for (const std::string_view lead : {"last read: '", "overflow parsing '"}) {
    const size_t found = why.find(lead);
    if (found == std::string_view::npos) continue;
    const size_t token = found + lead.size();
    return std::string(why.substr(0, token - 1)) + Quoted(why.substr(token, why.size() - token - 1));
  }
  return std::string(why);
}

/// Builds the document from the parser's events, and stops at what a plain document would hide. Confined.
class DocumentBuilder {
 public:
  bool null() { return Place(nullptr); }
  bool boolean(bool value) { return Place(value); }
  bool number_integer(Json::number_integer_t value) { return Place(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return Place(value); }
  bool number_float(Json::number_float_t value, const std::string&) { return Place(value); }
  bool string(std::string& value) { return Place(std::move(value)); }
  bool binary(Json::binary_t&) { return Fail("binary values are not JSON text"); }

  bool start_object(size_t) { return Open(Json::object()); }
  bool end_object() { return Close(); }
  bool start_array(size_t) { return Open(Json::array()); }
  bool end_array() { return Close(); }

  bool key(std::string& name) {
    if (open_.back()->contains(name)) return Fail("a member is named twice: " + Quoted(name));
    member_ = std::move(name);
    return true;
  }

  bool parse_error(size_t position, const std::string&, const Json::exception& error) {
    position_ = position;
    // The parser's own text, after its prefix with another notation of the place.
    std::string_view why = error.what();
    const size_t place = why.find(" column ");
    const size_t colon = place == std::string_view::npos ? place : why.find(": ", place);
    if (colon != std::string_view::npos) why.remove_prefix(colon + 2);
    return Fail(WithShortToken(why));
  }

  Json TakeRoot() { return std::move(root_); }
  const std::string& fault() const { return fault_; }
  std::optional<size_t> position() const { return position_; }

 private:
  bool Fail(std::string fault) {
    if (fault_.empty()) fault_ = std::move(fault);
    return false;
  }

  Json* Add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) return &parent.emplace_back(std::move(value));
    Json& member = parent[member_];
    member = std::move(value);
    return &member;
  }

  bool Place(Json value) {
    Add(std::move(value));
    return true;
  }

  bool Open(Json container) {
    if (open_.size() >= static_cast<size_t>(kJsonDepthMax)) {
      return Fail("nested deeper than " + std::to_string(kJsonDepthMax) + " levels");
    }
    open_.push_back(Add(std::move(container)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  Json root_;
  /// The containers that are not closed yet, outermost first. Only the last one grows, so the pointers stay good.
  std::vector<Json*> open_;
  std::string member_;
  std::string fault_;
  std::optional<size_t> position_;
};

/// "line 2, column 7" of the `position`th byte, counted from 1.
std::string PlaceOf(std::string_view text, size_t position) {
  const std::string_view before = text.substr(0, std::min(text.size(), position == 0 ? 0 : position - 1));
  const size_t line_start = before.rfind('\n') + 1;  // 0 if there is none
  const auto line = 1 + std::ranges::count(before, '\n');
  return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - line_start + 1);
}

}  // namespace

Result<Json> ParseJsonText(std::string_view text) {
  DocumentBuilder builder;
  if (Json::sax_parse(text, &builder)) return builder.TakeRoot();
  if (builder.position()) {
    return Error(ErrorKind::kInvalid, "not JSON at ", PlaceOf(text, *builder.position()), ": ", builder.fault());
  }
  return Error(ErrorKind::kInvalid, "JSON: ", builder.fault());
}

}  // namespace sleeper::model
