#include "sleeper/exchange/json_events.h"

#include <limits>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sleeper/exchange/place.h"

namespace sleeper::exchange {
namespace {

using Json = nlohmann::json;
using Adapter = decltype(nlohmann::detail::input_adapter(std::string_view().begin(), std::string_view().end()));
using Lexer = nlohmann::detail::lexer<Json, Adapter>;
using Token = Lexer::token_type;

// JSON's grammar over the library's tokens. The library's own parser does not do: it refuses a text for a number beyond
// the range of a double, wherever it stands and whatever it should become, and quotes whole tokens in its messages.
// Confined.
class Parser {
 public:
  Parser(std::string_view text, JsonEvents& events)
      : lexer_(nlohmann::detail::input_adapter(text.begin(), text.end())), events_(events) {}

  Status Parse() {
    Advance();
    for (;;) {
      TRY_ASSIGN(const bool whole, BeginValue());
      if (!whole) continue;
      TRY_ASSIGN(const bool more, EndValue());
      if (!more) break;
    }
    Advance();
    return token_ == Token::end_of_input ? Status::OK() : Unexpected("the end");
  }

 private:
  enum class Container : char { kList, kObject };

  void Advance() { token_ = lexer_.scan(); }

  // Takes the value that begins with the token. True if it is whole; false if it is a list or object of which the token
  // now begins the first value.
  Result<bool> BeginValue() {
    if (token_ == Token::begin_array) {
      TRY(Open(Container::kList));
      TRY(events_.BeginList());
      Advance();
      if (token_ != Token::end_array) return false;
      TRY(Close());
    } else if (token_ == Token::begin_object) {
      TRY(Open(Container::kObject));
      TRY(events_.BeginObject());
      Advance();
      if (token_ != Token::end_object) {
        TRY(BeginMember());
        return false;
      }
      TRY(Close());
    } else {
      TRY(Scalar());
    }
    return true;
  }

  // Goes on behind a value, closing what ends there. True if another value follows, which the token begins.
  Result<bool> EndValue() {
    while (!open_.empty()) {
      const bool in_object = open_.back() == Container::kObject;
      Advance();
      if (token_ == Token::value_separator) {
        Advance();
        if (in_object) TRY(BeginMember());
        return true;
      }
      if (token_ != (in_object ? Token::end_object : Token::end_array)) {
        return Unexpected(in_object ? "',' or '}'" : "',' or ']'");
      }
      TRY(Close());
    }
    return false;
  }

  // Takes the name of a member, and moves to its value.
  Status BeginMember() {
    if (token_ != Token::value_string) return Unexpected("the name of a member");
    TRY(events_.Key(lexer_.get_string()));
    Advance();
    if (token_ != Token::name_separator) return Unexpected("':'");
    Advance();
    return Status::OK();
  }

  Status Scalar() {
    switch (token_) {
      case Token::literal_null:
        return events_.Null();
      case Token::literal_true:
        return events_.Boolean(true);
      case Token::literal_false:
        return events_.Boolean(false);
      case Token::value_string:
        return events_.Text(lexer_.get_string());
      case Token::value_float:
        return events_.Number(lexer_.get_string());
      case Token::value_integer:
        // Only what begins with a minus. An integer cannot say that it was one of zero.
        if (lexer_.get_number_integer() == 0) return events_.Number("-0");
        return events_.Integer(lexer_.get_number_integer());
      case Token::value_unsigned:
        return Unsigned(lexer_.get_number_unsigned());
      default:
        return Unexpected("a value");
    }
  }

  Status Unsigned(uint64_t value) {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return events_.Unsigned(value);
    return events_.Integer(static_cast<int64_t>(value));
  }

  Status Open(Container container) {
    if (open_.size() == static_cast<size_t>(kJsonDepthMax)) {
      return Error(ErrorKind::kInvalid, "lists and objects are more than ", kJsonDepthMax, " deep");
    }
    open_.push_back(container);
    return Status::OK();
  }

  Status Close() {
    const Container closed = open_.back();
    open_.pop_back();
    return closed == Container::kObject ? events_.EndObject() : events_.EndList();
  }

  Status Unexpected(std::string_view expected) const {
    const size_t position = lexer_.get_position();
    if (token_ == Token::parse_error) {
      return Error(ErrorKind::kInvalid, "not JSON at byte ", position, ": ", lexer_.get_error_message(),
                   "; last read: ", ShownValue(lexer_.get_token_string()));
    }
    return Error(ErrorKind::kInvalid, "not JSON at byte ", position, ": ", expected, " is expected, but there is ",
                 Lexer::token_type_name(token_));
  }

  Lexer lexer_;
  JsonEvents& events_;
  Token token_ = Token::uninitialized;
  // The lists and objects that are not closed yet, outermost first.
  std::vector<Container> open_;
};

}  // namespace

Status ParseJson(std::string_view text, JsonEvents& events) { return Parser(text, events).Parse(); }

}  // namespace sleeper::exchange
