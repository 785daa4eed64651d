#pragma once

#include <string>
#include <string_view>

#include "sleeper/base/status.h"

namespace sleeper::net {

/// Whom a request goes to. Immutable value.
struct Origin {
  std::string scheme = "https";
  /// A name, an IPv4 address, or an IPv6 address in brackets.
  std::string host;
  /// 0: the scheme's own.
  int port = 0;

  /// The value of the header Host: the port only where it is not the scheme's own.
  std::string HostHeader() const;
  /// "https://host:9000".
  std::string ToString() const;

  friend bool operator==(const Origin&, const Origin&) = default;
};

/// An origin and a path. Immutable value.
struct Url {
  Origin origin;
  /// As it stands in the text, still percent-encoded; starts with "/".
  std::string path = "/";
  /// What follows "?", still percent-encoded.
  std::string query;

  friend bool operator==(const Url&, const Url&) = default;
};

/// Reads an http or https URL. A user, a password and a fragment are refused. kInvalid for anything else.
Result<Url> ParseUrl(std::string_view text);

enum class Slashes {
  kEncode,  ///< As in a name or value of a query.
  kKeep,    ///< As in a path.
};

/// Percent-encodes every byte but the unreserved ones of RFC 3986 (letters, digits, "-", ".", "_", "~"), with
/// upper-case digits, as AWS signatures want it.
std::string PercentEncode(std::string_view text, Slashes slashes);

/// Undoes PercentEncode. kInvalid for a "%" without two hexadecimal digits.
Result<std::string> PercentDecode(std::string_view text);

}  // namespace sleeper::net
