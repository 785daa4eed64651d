#include "sleeper/store/s3_store.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sleeper/net/digest.h"
#include "sleeper/net/http_date.h"
#include "sleeper/store/parallel_ranges.h"
#include "sleeper/store/s3_answer.h"
#include "sleeper/store/s3_upload.h"

namespace sleeper::store {
namespace {

constexpr size_t kDeletedPerRequest = 1000;
/// So many pages of a listing may hold no key, one after the other, although they are not the last one.
constexpr int kEmptyPagesMax = 1000;
/// So many pages of a list of uploads may go by before the next key.
constexpr int kUploadPagesOfKeyMax = 1000;

/// Where a list of uploads goes on. It only goes forward, so that the list ends whatever the store answers.
class UploadMarker {
 public:
  /// False if that is not forward. Ids of one key have no order: the store shows them by time.
  bool MoveTo(const S3Uploads& page) {
    if (page.next_key == key_) {
      if (page.next_upload_id == upload_id_ || ++pages_of_key_ >= kUploadPagesOfKeyMax) return false;
    } else {
      if (!(key_ < page.next_key || ComesFirstByFolder(key_, page.next_key))) return false;
      pages_of_key_ = 0;
    }
    key_ = page.next_key;
    upload_id_ = page.next_upload_id;
    return true;
  }

  /// None before the first page.
  std::vector<net::QueryParameter> Query() const {
    if (key_.empty()) return {};
    if (upload_id_.empty()) return {{"key-marker", key_}};
    return {{"key-marker", key_}, {"upload-id-marker", upload_id_}};
  }

 private:
  std::string key_;
  std::string upload_id_;
  int pages_of_key_ = 0;
};

Result<int64_t> ParseCount(std::string_view text) {
  int64_t count = -1;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || end != text.data() + text.size() || count < 0)
    return Error(ErrorKind::kUnavailable, "the store's answer has no length");
  return count;
}

/// Of the headers of an answer to a GET or HEAD. The size is for the caller to fill in.
Result<ObjectInfo> InfoOf(const ObjectPath& path, const net::HttpResponse& response) {
  ObjectInfo info{.path = path, .etag = PlainEtag(response.Header("etag"))};
  const Result<WallTime> time = net::ParseHttpDate(response.Header("last-modified"));
  if (info.etag.empty() || !time.ok())
    return WithHint(
        Error(ErrorKind::kUnavailable, "the store's answer about object '", path, "' has no ETag or no time"),
        kForeignEndpointHint);
  info.last_modified = *time;
  return info;
}

/// The whole size in "bytes 0-9/100".
Result<int64_t> WholeSize(std::string_view content_range) {
  return ParseCount(content_range.substr(std::min(content_range.find('/'), content_range.size() - 1) + 1));
}

std::string RangeHeader(ByteRange range) {
  return "bytes=" + std::to_string(range.offset) + "-" + std::to_string(range.end() - 1);
}

}  // namespace

S3Store::S3Store(const S3StoreOptions& options, net::HttpClient& http, net::CredentialsSource& credentials,
                 Executor& executor, Random& random)
    : options_(options),
      key_prefix_(options.prefix.empty() ? "" : options.prefix + "/"),
      connection_(options.bucket, http, credentials, executor.clock()),
      executor_(executor),
      random_(random) {}

Result<Object> S3Store::Get(const ObjectPath& path, const CallContext& call) {
  TRY(CheckObjectPath(path));
  const S3Request request{.operation = "GetObject", .key = KeyOf(path), .answer_bytes_max = options_.object_bytes_max};
  TRY_ASSIGN(net::HttpResponse response, connection_.Ask(request, call));
  TRY_ASSIGN(ObjectInfo info, InfoOf(path, response));
  info.size = response.body.size();
  return Object{std::move(info), std::move(response.body)};
}

Result<Buffer> S3Store::GetRange(const ObjectPath& path, ByteRange range, const CallContext& call) {
  TRY(CheckObjectPath(path));
  if (range.offset < 0 || range.size <= 0) {
    // No header can ask for no bytes.
    TRY_ASSIGN(const ObjectInfo info, Head(path, call));
    TRY(CheckRange(path, range, info.size));
    return Buffer();
  }
  if (range.size > INT64_MAX - range.offset) return CheckRange(path, range, 0);
  // An answer with an error is longer than a small range.
  constexpr int64_t kErrorBytesMax = 64 << 10;
  const S3Request request{.operation = "GetObject",
                          .key = KeyOf(path),
                          .headers = {{"Range", RangeHeader(range)}},
                          .answer_bytes_max = std::max(range.size, kErrorBytesMax)};
  TRY_ASSIGN(const net::HttpResponse response, connection_.Send(request, call));
  if (response.status == 416) {
    return Error(ErrorKind::kInvalid, "range of ", range.size, " bytes at ", range.offset,
                 " reaches past the end of object '", path, "'");
  }
  if (!response.ok()) return connection_.FailureOf(request, response);
  if (response.status != 206) {
    return Error(ErrorKind::kInternal, connection_.Describe(request), ": the store answered ", response.status,
                 " with the whole object instead of a range");
  }
  TRY_ASSIGN(const int64_t size, WholeSize(response.Header("content-range")));
  TRY(CheckRange(path, range, size));
  if (response.body.size() != range.size) {
    return Error(ErrorKind::kUnavailable, connection_.Describe(request), ": ", response.body.size(), " bytes came of ",
                 range.size);
  }
  return response.body;
}

Result<std::vector<Buffer>> S3Store::GetRanges(const ObjectPath& path, std::span<const ByteRange> ranges,
                                               const CallContext& call) {
  if (ranges.empty()) {
    TRY(Head(path, call).status());
    return std::vector<Buffer>();
  }
  return ReadInParallel(executor_, ranges, options_.ranges_parallel_max,
                        [&](ByteRange range) { return GetRange(path, range, call); });
}

Result<PutOutcome> S3Store::Put(const ObjectPath& path, Buffer bytes, PutMode mode, const CallContext& call) {
  TRY(CheckObjectPath(path));
  return PutS3Object(connection_, KeyOf(path), {std::move(bytes)}, mode, call);
}

Result<std::unique_ptr<ObjectWriter>> S3Store::OpenWriter(const ObjectPath& path, PutMode mode,
                                                          const CallContext& call) {
  TRY(CheckObjectPath(path));
  TRY(call.Check(executor_.clock()));
  RateLane* lane = options_.governor == nullptr ? nullptr : &options_.governor->LaneOf(path, RequestDirection::kWrite);
  return std::make_unique<S3Upload>(S3UploadPorts{connection_, options_.upload, executor_, random_, lane}, KeyOf(path),
                                    mode);
}

Result<ObjectInfo> S3Store::Head(const ObjectPath& path, const CallContext& call) {
  TRY(CheckObjectPath(path));
  const S3Request request{.operation = "HeadObject", .method = "HEAD", .key = KeyOf(path)};
  TRY_ASSIGN(const net::HttpResponse response, connection_.Ask(request, call));
  TRY_ASSIGN(ObjectInfo info, InfoOf(path, response));
  TRY_ASSIGN(info.size, ParseCount(response.Header("content-length")));
  return info;
}

Result<ListPage> S3Store::List(const ObjectPath& prefix, const ObjectPath& after, int keys_max,
                               const CallContext& call) {
  TRY(CheckListArguments(prefix, after, keys_max));
  const int page_max = std::min(keys_max, options_.list_page_max);
  S3Request request{.operation = "ListObjectsV2"};
  std::string start = after.value().empty() ? "" : KeyOf(after);
  ListPage page;
  // Pages that hold nothing but foreign objects are passed over.
  do {
    request.query = {{"list-type", "2"}, {"max-keys", std::to_string(page_max)}};
    const std::string key_prefix = KeyOf(prefix);
    if (!key_prefix.empty()) request.query.emplace_back("prefix", key_prefix);
    if (!start.empty()) request.query.emplace_back("start-after", start);
    TRY_ASSIGN(S3Listing listing, AskForPage(request, call));
    for (S3Listing::Entry& entry : listing.entries) {
      if (!entry.key.starts_with(key_prefix_) || !(start < entry.key || ComesFirstByFolder(start, entry.key)))
        return Error(ErrorKind::kInternal, connection_.Describe(request),
                     ": the store lists neither in the order of keys nor by folders");
      start = entry.key;
      ObjectPath path(entry.key.substr(key_prefix_.size()));
      if (CheckObjectPath(path).ok())
        page.objects.push_back({std::move(path), entry.size, std::move(entry.etag), entry.last_modified});
    }
    page.more = listing.more;
  } while (page.objects.empty() && page.more);
  return page;
}

Result<S3Listing> S3Store::AskForPage(const S3Request& request, const CallContext& call) {
  std::string token;
  for (int pages = 0; pages < kEmptyPagesMax; ++pages) {
    S3Request next = request;
    if (!token.empty()) next.query.emplace_back("continuation-token", token);
    TRY_ASSIGN(const net::HttpResponse response, connection_.Ask(next, call));
    auto listing = ParseS3Listing(response.body.view());
    if (!listing.ok()) return WithContext(listing.status(), connection_.Describe(request));
    if (!listing->more || !listing->entries.empty()) return listing;
    // The store has looked through a part of the keys and found none that is there: no key tells where to go on.
    if (listing->next_token.empty() || listing->next_token == token)
      return Error(ErrorKind::kUnavailable, connection_.Describe(request),
                   ": the store answers with no object, says that there are more, and does not tell where to go on");
    token = std::move(listing->next_token);
  }
  return Error(ErrorKind::kUnavailable, connection_.Describe(request), ": ", kEmptyPagesMax,
               " pages in a row hold no object, and the store says that there are more");
}

Status S3Store::Delete(std::span<const ObjectPath> paths, const CallContext& call) {
  std::vector<std::string> keys;
  for (const ObjectPath& path : paths) {
    TRY(CheckObjectPath(path));
    keys.push_back(KeyOf(path));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.size() == 1) return DeleteOne(keys.front(), call);
  // What cannot be deleted does not keep the rest from it.
  Status first_failure;
  for (size_t i = 0; i < keys.size(); i += kDeletedPerRequest) {
    const size_t count = std::min(kDeletedPerRequest, keys.size() - i);
    Status status = DeleteMany(std::span(keys).subspan(i, count), call);
    if (first_failure.ok()) first_failure = std::move(status);
    TRY(call.Check(executor_.clock()));
  }
  return first_failure;
}

Status S3Store::DeleteOne(const std::string& key, const CallContext& call) {
  const S3Request request{.operation = "DeleteObject", .method = "DELETE", .key = key};
  TRY_ASSIGN(const net::HttpResponse response, connection_.Send(request, call));
  if (response.ok()) return Status::OK();
  if (response.status == 404 && ParseS3Complaint(response.body.view()).code != "NoSuchBucket") return Status::OK();
  return connection_.FailureOf(request, response);
}

Status S3Store::DeleteMany(std::span<const std::string> keys, const CallContext& call) {
  const std::string xml = S3DeletionXml(keys);
  S3Request request{.operation = "DeleteObjects", .method = "POST", .query = {{"delete", ""}}};
  request.headers = S3BodyProof(xml, net::Md5(xml));
  request.headers.push_back({"Content-Type", "application/xml"});
  request.body = {Buffer::CopyOf(xml)};
  TRY_ASSIGN(const net::HttpResponse response, connection_.Ask(request, call));
  auto faults = ParseS3Deletion(response.body.view());
  if (!faults.ok())
    return WithContext(WithKind(faults.status(), ErrorKind::kOutcomeUnknown), connection_.Describe(request));
  for (const S3DeleteFault& fault : *faults) {
    if (fault.complaint.code == "NoSuchKey") continue;
    return S3Failure(connection_.Describe(request) + fault.key, /*is_read=*/false, 500, fault.complaint);
  }
  return Status::OK();
}

Status S3Store::DropAbandonedWrites(const ObjectPath& prefix, Duration age, const CallContext& call) {
  TRY(CheckListPrefix(prefix));
  S3Request list{.operation = "ListMultipartUploads"};
  UploadMarker marker;
  S3Uploads page;
  do {
    list.query = {{"uploads", ""}, {"prefix", KeyOf(prefix)}};
    for (net::QueryParameter& parameter : marker.Query()) list.query.push_back(std::move(parameter));
    TRY_ASSIGN(const net::HttpResponse response, connection_.Ask(list, call));
    auto parsed = ParseS3Uploads(response.body.view());
    if (!parsed.ok()) return WithContext(parsed.status(), connection_.Describe(list));
    page = *std::move(parsed);
    // By the clock of the store, which tells whole seconds.
    const auto now = net::ParseHttpDate(response.Header("date"));
    if (!now.ok()) return Error(ErrorKind::kUnavailable, connection_.Describe(list), ": the answer has no date");
    const WallTime oldest_kept = *now + std::chrono::seconds(1) - age;
    for (const S3Uploads::Entry& upload : page.entries) {
      if (!upload.key.starts_with(KeyOf(prefix)) || upload.initiated >= oldest_kept) continue;
      const S3Request abort{.operation = "AbortMultipartUpload",
                            .method = "DELETE",
                            .key = upload.key,
                            .query = {{"uploadId", upload.upload_id}}};
      const Status aborted = connection_.Ask(abort, call).status();
      // Finished or aborted by others meanwhile.
      const bool is_gone = IsKind(aborted, ErrorKind::kConflict) || IsKind(aborted, ErrorKind::kNotFound);
      if (!aborted.ok() && !is_gone) return aborted;
    }
    if (page.more && !marker.MoveTo(page))
      return Error(ErrorKind::kInternal, connection_.Describe(list),
                   ": the store lists uploads again instead of going on after the last one");
  } while (page.more);
  return Status::OK();
}

}  // namespace sleeper::store
