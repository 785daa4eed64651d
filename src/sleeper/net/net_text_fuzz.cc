#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sleeper/base/check.h"
#include "sleeper/net/aws_profile.h"
#include "sleeper/net/http_date.h"
#include "sleeper/net/url.h"

// The input is text that comes from a server, from the environment or from the user's files: a URL, a percent-encoded
// text, a date, a shared credentials file.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sleeper;
  using namespace sleeper::net;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Url> url = ParseUrl(text);
  if (url.ok()) {
    const std::string query = url->query.empty() ? "" : "?" + url->query;
    const Result<Url> again = ParseUrl(url->origin.ToString() + url->path + query);
    SLEEPER_CHECK(again.ok() && *again == *url, "another URL is read than was written: ", url->origin.ToString());
  } else {
    SLEEPER_CHECK(IsKind(url.status(), ErrorKind::kInvalid), url.status().ToString());
  }
  for (const Slashes slashes : {Slashes::kEncode, Slashes::kKeep}) {
    const Result<std::string> decoded = PercentDecode(PercentEncode(text, slashes));
    SLEEPER_CHECK(decoded.ok() && *decoded == text, "percent-encoding loses something");
  }
  (void)PercentDecode(text).ok();
  const Result<WallTime> time = ParseHttpDate(text);
  if (time.ok()) (void)FormatBasicTime(*time);
  const AwsProfile profile = AwsProfile::Parse("default", text, text);
  (void)profile.Setting("region");
  (void)profile.Setting("s3.addressing_style");
  return 0;
}
