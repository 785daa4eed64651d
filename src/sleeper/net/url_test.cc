#include "sleeper/net/url.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "sleeper/net/digest.h"
#include "sleeper/net/http.h"
#include "sleeper/net/http_date.h"

namespace sleeper::net {
namespace {

TEST(UrlTest, AUrlIsTakenApart) {
  EXPECT_EQ(ParseUrl("https://s3.example.com").ValueOrDie(), (Url{{"https", "s3.example.com", 0}, "/", ""}));
  EXPECT_EQ(ParseUrl("HTTP://127.0.0.1:9000/a%20b/?x=1&y").ValueOrDie(),
            (Url{{"http", "127.0.0.1", 9000}, "/a%20b/", "x=1&y"}));
  EXPECT_EQ(ParseUrl("http://[::1]:80").ValueOrDie(), (Url{{"http", "[::1]", 0}, "/", ""}));
  EXPECT_EQ(ParseUrl("http://[::1]?q").ValueOrDie(), (Url{{"http", "[::1]", 0}, "/", "q"}));
}

TEST(UrlTest, TheSchemesOwnPortMakesNoOtherOrigin) {
  EXPECT_EQ(ParseUrl("http://h:80/x").ValueOrDie(), ParseUrl("http://h/x").ValueOrDie());
  EXPECT_EQ(ParseUrl("https://h:443").ValueOrDie(), ParseUrl("https://h").ValueOrDie());
  EXPECT_EQ(ParseUrl("https://h:80").ValueOrDie().origin.port, 80);
}

TEST(UrlTest, WhatIsNoUrlIsInvalidAndNotQuoted) {
  for (const char* text :
       {"", "s3.example.com", "ftp://host", "http://", "http:///path", "http://user:secret@host", "http://host:0",
        "http://host:65536", "http://host:", "http://host:9x", "http://ho st", "http://host/a b", "http://host/#f",
        "http://host\n", "http://[::1", "http://h\xC3\xA9", "http://host/\xC3\xA9"}) {
    const Status status = ParseUrl(text).status();
    EXPECT_TRUE(IsKind(status, ErrorKind::kInvalid)) << text;
    EXPECT_EQ(status.message().find("secret"), std::string::npos) << status.message();
  }
}

TEST(UrlTest, TheHostHeaderHasThePortOnlyWhereItIsNotTheSchemesOwn) {
  EXPECT_EQ((Origin{"https", "h", 443}).HostHeader(), "h");
  EXPECT_EQ((Origin{"http", "h", 80}).HostHeader(), "h");
  EXPECT_EQ((Origin{"http", "h", 443}).HostHeader(), "h:443");
  EXPECT_EQ((Origin{"http", "h", 0}).ToString(), "http://h");
}

TEST(UrlTest, EveryByteButTheUnreservedIsEncoded) {
  EXPECT_EQ(PercentEncode("AZaz09-._~", Slashes::kKeep), "AZaz09-._~");
  EXPECT_EQ(PercentEncode("a b/c+d%é", Slashes::kKeep), "a%20b/c%2Bd%25%C3%A9");
  EXPECT_EQ(PercentEncode("a/b", Slashes::kEncode), "a%2Fb");
  EXPECT_EQ(PercentEncode(std::string("\0\xff", 2), Slashes::kEncode), "%00%FF");
}

TEST(UrlTest, DecodingUndoesEncodingForEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(PercentDecode(PercentEncode(all, Slashes::kEncode)).ValueOrDie(), all);
  for (const char* text : {"%", "%4", "%4g", "a%"})
    EXPECT_TRUE(IsKind(PercentDecode(text).status(), ErrorKind::kInvalid)) << text;
}

TEST(HttpRequestTest, TheUrlOfARequestIsEncodedOnce) {
  const HttpRequest request{
      .origin = {"http", "h", 9000}, .path = "/b/50% é", .query = {{"list-type", "2"}, {"prefix", "a b/&="}}};
  EXPECT_EQ(request.ToUrl(), "http://h:9000/b/50%25%20%C3%A9?list-type=2&prefix=a%20b%2F%26%3D");
}

TEST(DigestTest, PublishedVectors) {
  EXPECT_EQ(LowerHex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(LowerHex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::vector<Buffer> parts = {Buffer::CopyOf("a"), Buffer(), Buffer::CopyOf("bc")};
  EXPECT_EQ(Sha256(parts), Sha256("abc"));
  EXPECT_EQ(LowerHex(Md5("abc").value()), "900150983cd24fb0d6963f7d28e17f72");
  // RFC 4231, test case 2.
  EXPECT_EQ(LowerHex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(DigestTest, WhereOpenSslHasNoMd5ThereIsNone) {
  ASSERT_EQ(EVP_set_default_properties(nullptr, "fips=yes"), 1);
  const std::optional<std::string> md5 = Md5("abc");
  const auto left_error = ERR_peek_error();
  ASSERT_EQ(EVP_set_default_properties(nullptr, ""), 1);
  EXPECT_EQ(md5, std::nullopt);
  EXPECT_EQ(left_error, 0U) << "TLS takes an error of the thread for its own";
}

TEST(HttpDateTest, ADateOfAHeaderIsReadAndWrittenAsSignaturesWantIt) {
  const WallTime time = ParseHttpDate("Fri, 24 May 2013 01:02:03 GMT").ValueOrDie();
  EXPECT_EQ(FormatWallTime(time), "2013-05-24T01:02:03.000000Z");
  EXPECT_EQ(FormatBasicTime(time + std::chrono::microseconds(999'999)), "20130524T010203Z");
}

TEST(HttpDateTest, OtherDatesAreInvalid) {
  for (const char* text :
       {"", "Fri, 24 May 2013 00:00:00", "Fri, 24 May 2013 00:00:00 UTC", "Fri, 24 Mai 2013 00:00:00 GMT",
        "Fri, 31 Feb 2013 00:00:00 GMT", "Fri, 24 May 2013 24:00:00 GMT", "Friday, 24-May-13 00:00:00 GMT"}) {
    EXPECT_TRUE(IsKind(ParseHttpDate(text).status(), ErrorKind::kInvalid)) << text;
  }
}

}  // namespace
}  // namespace sleeper::net
