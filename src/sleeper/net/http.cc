#include "sleeper/net/http.h"

namespace sleeper::net {

int64_t HttpRequest::body_bytes() const {
  int64_t bytes = 0;
  for (const Buffer& part : body) bytes += part.size();
  return bytes;
}

std::string HttpRequest::ToUrl() const {
  std::string url = origin.ToString() + PercentEncode(path, Slashes::kKeep);
  if (!query.empty()) url += "?" + EncodeQuery(query);
  return url;
}

std::string EncodeQuery(const std::vector<QueryParameter>& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    if (!text.empty()) text += '&';
    text += PercentEncode(name, Slashes::kEncode) + "=" + PercentEncode(value, Slashes::kEncode);
  }
  return text;
}

std::string_view HttpResponse::Header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

}  // namespace sleeper::net
