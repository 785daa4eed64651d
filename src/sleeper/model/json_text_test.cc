#include "sleeper/model/json_text.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sleeper/model/testing/outcome.h"

namespace sleeper::model {
namespace {

using testing::HasSubstr;

TEST(JsonText, FaultsAreNamedWithLineAndColumnAndWhatWasRead) {
  EXPECT_THAT(ParseJsonText("{\n  \"a\": tru }").status(),
              Fails(ErrorKind::kInvalid,
                    "not JSON at line 2, column 11: syntax error while parsing value - invalid "
                    "literal; last read: '\"a\": tru '"));
}

TEST(JsonText, AMessageShowsTheBeginningOfALongTokenOnly) {
  const std::string long_text(100'000, 'x');
  const std::string digits(100'000, '9');
  for (const std::string& text :
       {"\"" + long_text, "{\"" + long_text + "\x01\":1}", "[1" + digits + ".]", "[1" + digits + "]"}) {
    const Status status = ParseJsonText(text).status();
    EXPECT_THAT(status, Fails(ErrorKind::kInvalid, HasSubstr("not JSON at line 1, column 1000")));
    EXPECT_LT(status.message().size(), 300u);
  }
}

}  // namespace
}  // namespace sleeper::model
