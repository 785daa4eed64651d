#include "sleeper/store/s3_upload.h"

#include <atomic>
#include <map>

#include <gmock/gmock.h>

#include "sleeper/base/event.h"
#include "sleeper/store/testing/s3_fixture.h"

namespace sleeper::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

const ObjectPath kPath("a");
constexpr const char* kBegin = "POST /bucket/top/a?uploads=";
constexpr const char* kEnd = "POST /bucket/top/a?uploadId=u";
constexpr const char* kAbort = "DELETE /bucket/top/a?uploadId=u";

std::string PartLine(int number) { return "PUT /bucket/top/a?uploadId=u&partNumber=" + std::to_string(number); }

/// A server that keeps parts and answers as S3 does, but where a test puts something in its place. Parts are of 10
/// bytes.
class S3UploadTest : public S3Fixture {
 protected:
  S3UploadTest() : S3Fixture([this](const auto& request, const auto& call) { return Answer(request, call); }) {}

  using Answerer = std::function<std::optional<Result<net::HttpResponse>>(const std::string& line)>;

  Result<net::HttpResponse> Answer(const net::HttpRequest& request, const CallContext& call) {
    const std::string line = Line(request);
    if (call.cancellation != nullptr && call.cancellation->cancelled()) {
      return Error(ErrorKind::kOutcomeUnknown, "cancelled on its way");
    }
    if (instead_) {
      if (auto answer = instead_(line)) return *std::move(answer);
    }
    if (line == kBegin) {
      return Xml("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
    }
    if (line == kEnd) return Xml("<CompleteMultipartUploadResult/>");
    if (request.method == "PUT") {
      const std::string etag = "etag of " + Body(request);
      return net::HttpResponse{200, {{"etag", etag}}, Buffer()};
    }
    return net::HttpResponse{204, {}, Buffer()};
  }

  static net::HttpResponse Xml(const std::string& text, int status = 200) { return {status, {}, Buffer::CopyOf(text)}; }

  /// Answers that request so the first `times` times.
  void Instead(const std::string& line, const Result<net::HttpResponse>& answer, int times = 1) {
    instead_ = [=, left = std::make_shared<std::atomic<int>>(times)](
                   const std::string& asked) -> std::optional<Result<net::HttpResponse>> {
      if (asked != line || (*left)-- <= 0) return std::nullopt;
      return answer;
    };
  }

  std::unique_ptr<ObjectWriter> Open(PutMode mode = PutMode::kIfAbsent) {
    return store().OpenWriter(kPath, mode, call_).ValueOrDie();
  }

  /// Streams so many bytes in pieces of seven.
  Result<PutOutcome> Stream(int bytes, PutMode mode = PutMode::kIfAbsent) {
    const auto writer = Open(mode);
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>('a' + i % 26);
    for (size_t at = 0; at < text.size(); at += 7) TRY(writer->Append(Buffer::CopyOf(text.substr(at, 7)), call_));
    return writer->Finish(call_);
  }

  net::HttpRequest RequestOf(const std::string& line) const {
    for (const net::HttpRequest& request : http_.requests()) {
      if (Line(request) == line) return request;
    }
    ADD_FAILURE() << "nobody asked " << line;
    return {};
  }

  int64_t Count(const std::string& line) const {
    const std::vector<std::string> lines = Lines();
    return std::count(lines.begin(), lines.end(), line);
  }

  Answerer instead_;
};

TEST_F(S3UploadTest, ASmallObjectIsOneRequestWithItsCondition) {
  EXPECT_EQ(Stream(10), PutOutcome::kCreated);
  EXPECT_THAT(Lines(), ElementsAre("PUT /bucket/top/a"));
  EXPECT_EQ(Header(http_.requests().at(0), "If-None-Match"), "*");
}

TEST_F(S3UploadTest, ALargeObjectGoesOutInPartsAndTheConditionIsThatOfTheEnd) {
  EXPECT_EQ(Stream(25), PutOutcome::kCreated);
  EXPECT_THAT(Lines(), UnorderedElementsAre(kBegin, PartLine(1), PartLine(2), PartLine(3), kEnd));
  EXPECT_EQ(Body(RequestOf(PartLine(1))), "abcdefghij");
  EXPECT_EQ(Body(RequestOf(PartLine(2))), "klmnopqrst");
  EXPECT_EQ(Body(RequestOf(PartLine(3))), "uvwxy");
  const net::HttpRequest end = RequestOf(kEnd);
  EXPECT_EQ(Header(end, "If-None-Match"), "*");
  EXPECT_THAT(Body(end), HasSubstr("<Part><PartNumber>1</PartNumber><ETag>etag of abcdefghij</ETag></Part>"
                                   "<Part><PartNumber>2</PartNumber><ETag>etag of klmnopqrst</ETag></Part>"
                                   "<Part><PartNumber>3</PartNumber><ETag>etag of uvwxy</ETag></Part>"));
  EXPECT_EQ(Header(RequestOf(PartLine(1)), "If-None-Match"), std::nullopt);
}

TEST_F(S3UploadTest, AReplacingUploadHasNoCondition) {
  EXPECT_EQ(Stream(25, PutMode::kReplace), PutOutcome::kCreated);
  EXPECT_EQ(Header(RequestOf(kEnd), "If-None-Match"), std::nullopt);
}

TEST_F(S3UploadTest, APartIsOnItsWayWhileTheNextIsProducedAndTheOrderIsKept) {
  Event second_is_there(executor_);
  instead_ = [&](const std::string& line) -> std::optional<Result<net::HttpResponse>> {
    // The first part is not answered before the second one is: one after the other, this would not end.
    if (line == PartLine(1)) second_is_there.Wait();
    if (line == PartLine(2)) second_is_there.Set();
    return std::nullopt;
  };
  EXPECT_EQ(Stream(25), PutOutcome::kCreated);
  EXPECT_THAT(Body(RequestOf(kEnd)), HasSubstr("<PartNumber>1</PartNumber><ETag>etag of abcdefghij</ETag>"));
}

TEST_F(S3UploadTest, NoMorePartsThanTheBoundAreOnTheirWay) {
  std::atomic<int> flying = 0;
  std::atomic<int> flying_max = 0;
  Event together(executor_);
  instead_ = [&](const std::string& line) -> std::optional<Result<net::HttpResponse>> {
    if (!line.starts_with("PUT")) return std::nullopt;
    const int now = ++flying;
    if (now > flying_max) flying_max = now;
    if (now == options_.upload.parts_in_flight_max) together.Set();
    together.Wait();
    --flying;
    return std::nullopt;
  };
  EXPECT_EQ(Stream(300), PutOutcome::kCreated);
  EXPECT_EQ(flying_max, options_.upload.parts_in_flight_max);
}

TEST_F(S3UploadTest, AnUploadThatLostIsAborted) {
  Instead(kEnd, Xml(S3ErrorXml("PreconditionFailed"), 412));
  EXPECT_EQ(Stream(25), PutOutcome::kExists);
  EXPECT_EQ(Lines().back(), kAbort);
}

TEST_F(S3UploadTest, AnErrorInAnAnswerOf200IsReadAsWhatItIs) {
  Instead(kEnd, Xml(S3ErrorXml("PreconditionFailed")));
  EXPECT_EQ(Stream(25), PutOutcome::kExists);
  EXPECT_EQ(Count(kAbort), 1);

  Instead(kEnd, Xml(S3ErrorXml("SlowDown")));
  EXPECT_EQ(Stream(25), PutOutcome::kCreated) << "it had no effect, and was repeated";

  Instead(kEnd, Xml(S3ErrorXml("InternalError")), 100);
  EXPECT_TRUE(IsKind(Stream(25).status(), ErrorKind::kOutcomeUnknown));
}

TEST_F(S3UploadTest, ALostAnswerToTheEndIsAnUnknownOutcomeAndNothingIsRepeatedOrAborted) {
  const std::vector<Result<net::HttpResponse>> answers = {Error(ErrorKind::kOutcomeUnknown, "reset"), Xml("<Compl"),
                                                          Xml("", 500), Xml("<html/>", 503)};
  int64_t ends = 0;
  for (const auto& answer : answers) {
    Instead(kEnd, answer);
    EXPECT_TRUE(IsKind(Stream(25).status(), ErrorKind::kOutcomeUnknown));
    EXPECT_EQ(Count(kEnd), ++ends);
  }
  EXPECT_EQ(Count(kAbort), 0);
}

TEST_F(S3UploadTest, APartWhoseAnswerWasLostIsSentAgain) {
  Instead(PartLine(2), Error(ErrorKind::kOutcomeUnknown, "reset"));
  EXPECT_EQ(Stream(25), PutOutcome::kCreated);
  EXPECT_EQ(Count(PartLine(2)), 2);
}

TEST_F(S3UploadTest, AnUploadThatMissesAPartIsNeverCompletedButAborted) {
  for (const int part : {1, 2, 3}) {
    Instead(PartLine(part), Xml(S3ErrorXml("AccessDenied"), 403));
    EXPECT_TRUE(IsKind(Stream(25).status(), ErrorKind::kDenied)) << part;
  }
  EXPECT_EQ(Count(kEnd), 0);
  EXPECT_EQ(Count(kAbort), 3);
  EXPECT_EQ(Lines().back(), kAbort) << "nothing arrives after it";
}

TEST_F(S3UploadTest, AWriterThatIsDroppedAborts) {
  {
    const auto writer = Open();
    ASSERT_TRUE(writer->Append(Buffer::CopyOf("0123456789x"), call_).ok());
  }
  EXPECT_EQ(Lines().back(), kAbort);
  { const auto writer = Open(); }
  EXPECT_EQ(Count(kAbort), 1) << "where nothing was begun there is nothing to abort";
}

TEST_F(S3UploadTest, AnUploadThatWasDroppedAsAbandonedCannotEnd) {
  Instead(kEnd, Xml(S3ErrorXml("NoSuchUpload"), 404));
  EXPECT_TRUE(IsKind(Stream(25).status(), ErrorKind::kConflict));
}

TEST_F(S3UploadTest, ABeginThatFailsForAWhileIsRepeated) {
  Instead(kBegin, Xml(S3ErrorXml("SlowDown"), 503), 2);
  EXPECT_EQ(Stream(25), PutOutcome::kCreated);
  EXPECT_EQ(Count(kBegin), 3);
}

TEST_F(S3UploadTest, WhatACallPointsAtNeedNotOutliveIt) {
  const auto writer = Open();
  for (int i = 0; i < 5; ++i) {
    const Cancellation brief;
    CallContext call;
    call.cancellation = &brief;
    ASSERT_TRUE(writer->Append(Buffer::CopyOf("0123456789"), call).ok());
  }
  EXPECT_EQ(writer->Finish(call_), PutOutcome::kCreated);
}

TEST_F(S3UploadTest, ACancelledWriterDoesNotWaitForAPart) {
  Event never(executor_);
  Cancellation cancellation;
  instead_ = [&](const std::string& line) -> std::optional<Result<net::HttpResponse>> {
    if (!line.starts_with("PUT")) return std::nullopt;
    never.Wait();
    return std::nullopt;
  };
  options_.upload.parts_in_flight_max = 1;
  const auto writer = Open();
  CallContext call;
  call.cancellation = &cancellation;
  ASSERT_TRUE(writer->Append(Buffer::CopyOf("0123456789x"), call).ok());
  cancellation.Cancel();
  EXPECT_TRUE(IsKind(writer->Finish(call).status(), ErrorKind::kCancelled));
  never.Set();
}

TEST_F(S3UploadTest, ForAProbeASmallObjectIsAnUploadToo) {
  options_.upload.small_streams = SmallStreams::kUpload;
  EXPECT_EQ(Stream(3), PutOutcome::kCreated);
  EXPECT_THAT(Lines(), ElementsAre(kBegin, PartLine(1), kEnd));
  EXPECT_EQ(Header(RequestOf(kEnd), "If-None-Match"), "*");
  EXPECT_EQ(Stream(0), PutOutcome::kCreated) << "an upload has a part, be it an empty one";
}

TEST_F(S3UploadTest, NoFailureHoldsASecret) {
  Instead(PartLine(1), Xml(S3ErrorXml("AccessDenied"), 403));
  EXPECT_THAT(Stream(25).status().ToString(), Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace sleeper::store
