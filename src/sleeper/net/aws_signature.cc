#include "sleeper/net/aws_signature.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "sleeper/net/digest.h"
#include "sleeper/net/http_date.h"

namespace sleeper::net {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr size_t kDateCharacters = 8;

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Without blanks around it, and with runs of blanks inside as one.
std::string TrimmedValue(std::string_view value) {
  std::string trimmed;
  for (const char byte : value) {
    const bool is_blank = byte == ' ' || byte == '\t';
    if (is_blank && (trimmed.empty() || trimmed.back() == ' ')) continue;
    trimmed += is_blank ? ' ' : byte;
  }
  if (!trimmed.empty() && trimmed.back() == ' ') trimmed.pop_back();
  return trimmed;
}

/// Lower-case name to value; values of one name are joined in their order.
std::map<std::string, std::string> SignedHeaders(const HttpRequest& request) {
  std::map<std::string, std::string> headers = {{"host", request.origin.HostHeader()}};
  for (const HttpHeader& header : request.headers) {
    const auto [it, is_first] = headers.try_emplace(LowerCase(header.name), TrimmedValue(header.value));
    if (!is_first) it->second += "," + TrimmedValue(header.value);
  }
  return headers;
}

std::string SignedHeaderNames(const std::map<std::string, std::string>& headers) {
  std::string names;
  for (const auto& [name, value] : headers) names += (names.empty() ? "" : ";") + name;
  return names;
}

/// Encoded and then sorted by name and value: the order of encoded bytes is what servers sort by.
std::string CanonicalQuery(const std::vector<QueryParameter>& query) {
  std::vector<QueryParameter> encoded;
  for (const auto& [name, value] : query)
    encoded.emplace_back(PercentEncode(name, Slashes::kEncode), PercentEncode(value, Slashes::kEncode));
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const auto& [name, value] : encoded) {
    if (!text.empty()) text += '&';
    text += name;
    text += '=';
    text += value;
  }
  return text;
}

std::string SigningKey(const AwsCredentials& credentials, const SigningScope& scope, std::string_view date) {
  std::string key = HmacSha256("AWS4" + credentials.secret_access_key.Reveal(), date);
  key = HmacSha256(key, scope.region);
  key = HmacSha256(key, scope.service);
  return HmacSha256(key, "aws4_request");
}

}  // namespace

std::string CanonicalAwsRequest(const HttpRequest& request, std::string_view payload_hash) {
  const std::map<std::string, std::string> headers = SignedHeaders(request);
  std::string text =
      request.method + "\n" + PercentEncode(request.path, Slashes::kKeep) + "\n" + CanonicalQuery(request.query) + "\n";
  for (const auto& [name, value] : headers) {
    text += name;
    text += ':';
    text += value;
    text += '\n';
  }
  return text + "\n" + SignedHeaderNames(headers) + "\n" + std::string(payload_hash);
}

void SignAwsRequest(const AwsCredentials& credentials, const SigningScope& scope, WallTime now, HttpRequest& request,
                    PayloadHash payload_hash) {
  const std::string time = FormatBasicTime(now);
  const std::string date = time.substr(0, kDateCharacters);
  const std::string payload = LowerHex(Sha256(request.body));
  request.headers.push_back({"x-amz-date", time});
  if (payload_hash == PayloadHash::kHeader) request.headers.push_back({"x-amz-content-sha256", payload});
  if (!credentials.session_token.empty())
    request.headers.push_back({"x-amz-security-token", credentials.session_token.Reveal()});

  const std::string scope_text = date + "/" + scope.region + "/" + scope.service + "/aws4_request";
  const std::string to_sign = std::string(kAlgorithm) + "\n" + time + "\n" + scope_text + "\n" +
                              LowerHex(Sha256(CanonicalAwsRequest(request, payload)));
  const std::string signature = LowerHex(HmacSha256(SigningKey(credentials, scope, date), to_sign));
  request.headers.push_back({"Authorization", std::string(kAlgorithm) + " Credential=" + credentials.access_key_id +
                                                  "/" + scope_text +
                                                  ", SignedHeaders=" + SignedHeaderNames(SignedHeaders(request)) +
                                                  ", Signature=" + signature});
}

}  // namespace sleeper::net
