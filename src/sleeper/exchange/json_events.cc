#include "sleeper/exchange/json_events.h"

#include <limits>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace sleeper::exchange {
namespace {

using Json = nlohmann::json;

// What the parser calls; an answer of false stops it.
class Listener final : public nlohmann::json_sax<Json> {
 public:
  explicit Listener(JsonEvents& events) : events_(events) {}

  Status TakeStatus() { return std::move(status_); }

  bool null() override { return Hear(events_.Null()); }
  bool boolean(bool value) override { return Hear(events_.Boolean(value)); }
  bool number_integer(number_integer_t value) override { return Hear(events_.Integer(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return Hear(events_.Unsigned(value));
    return Hear(events_.Integer(static_cast<int64_t>(value)));
  }
  bool number_float(number_float_t, const string_t& text) override { return Hear(events_.Number(text)); }
  bool string(string_t& text) override { return Hear(events_.Text(text)); }
  bool binary(binary_t&) override { return Hear(Error(ErrorKind::kInternal, "JSON text has no binary values")); }
  bool start_array(size_t) override { return Deeper() && Hear(events_.BeginList()); }
  bool end_array() override {
    --depth_;
    return Hear(events_.EndList());
  }
  bool start_object(size_t) override { return Deeper() && Hear(events_.BeginObject()); }
  bool key(string_t& text) override { return Hear(events_.Key(text)); }
  bool end_object() override {
    --depth_;
    return Hear(events_.EndObject());
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception& failure) override {
    return Hear(Error(ErrorKind::kInvalid, "not JSON at byte ", position, ": ", Reason(failure.what())));
  }

 private:
  bool Hear(Status status) {
    if (status.ok()) [[likely]] {
      return true;
    }
    status_ = std::move(status);
    return false;
  }

  bool Deeper() {
    if (++depth_ <= kJsonDepthMax) return true;
    return Hear(Error(ErrorKind::kInvalid, "lists and objects are more than ", kJsonDepthMax, " deep"));
  }

  // The parser's text without its own numbering and position: "[json.exception.…] parse error at line 1, column 5:
  // syntax error while parsing value - invalid literal; last read: '…'".
  static std::string Reason(const std::string& text) {
    for (const std::string_view lead : {" - ", ": ", "] "}) {
      const size_t found = text.find(lead);
      if (found != std::string::npos) return text.substr(found + lead.size());
    }
    return text;
  }

  JsonEvents& events_;
  Status status_;
  int depth_ = 0;
};

}  // namespace

Status ParseJson(std::string_view text, JsonEvents& events) {
  Listener listener(events);
  if (Json::sax_parse(text.begin(), text.end(), &listener)) return Status::OK();
  return listener.TakeStatus();
}

}  // namespace sleeper::exchange
