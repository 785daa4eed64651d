#include "sleeper/store/s3_xml.h"

#include <charconv>
#include <cstring>

#include <pugixml.hpp>

#include "sleeper/base/base64.h"
#include "sleeper/net/digest.h"

namespace sleeper::store {
namespace {

/// "2001-01-31T12:00:00": what follows, a fraction that not all answers of a server have, is left out.
constexpr size_t kTimeToSeconds = 19;

Status Unreadable(std::string_view what) {
  return Error(ErrorKind::kUnavailable, "the store's answer cannot be read: ", what);
}

Result<pugi::xml_node> Root(pugi::xml_document& document, std::string_view xml, const char* name) {
  const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
  if (!parsed) return Unreadable(parsed.description());
  const pugi::xml_node root = document.child(name);
  if (!root) return Unreadable(std::string("there is no element ") + name);
  return root;
}

Result<WallTime> ParseTime(std::string_view text) {
  const Result<WallTime> time = ParseWallTime(std::string(text.substr(0, kTimeToSeconds)) + "Z");
  if (!time.ok() || !text.ends_with('Z')) return Unreadable("a time is not in UTC or no time");
  return time;
}

Result<int64_t> ParseSize(std::string_view text) {
  int64_t size = -1;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (failure != std::errc() || end != text.data() + text.size() || size < 0) return Unreadable("a size is no number");
  return size;
}

bool IsTrue(const pugi::xml_node& root, const char* name) { return std::strcmp(root.child_value(name), "true") == 0; }

std::string TextOf(const pugi::xml_document& document) {
  struct Writer final : pugi::xml_writer {
    void write(const void* data, size_t size) override { text.append(static_cast<const char*>(data), size); }
    std::string text;
  };
  Writer writer;
  document.save(writer, "", pugi::format_raw);
  return std::move(writer.text);
}

}  // namespace

std::vector<net::HttpHeader> S3BodyProof(std::string_view body, const std::optional<std::string>& md5) {
  if (md5) return {{"Content-MD5", EncodeBase64(*md5)}};
  return {{"x-amz-sdk-checksum-algorithm", "SHA256"}, {"x-amz-checksum-sha256", EncodeBase64(net::Sha256(body))}};
}

std::string PlainEtag(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

Result<S3Listing> ParseS3Listing(std::string_view xml) {
  pugi::xml_document document;
  TRY_ASSIGN(const pugi::xml_node root, Root(document, xml, "ListBucketResult"));
  S3Listing listing;
  for (const pugi::xml_node& node : root.children("Contents")) {
    S3Listing::Entry entry{.key = node.child_value("Key"), .etag = PlainEtag(node.child_value("ETag"))};
    if (entry.key.empty() || entry.etag.empty()) return Unreadable("an object has no key or no ETag");
    TRY_ASSIGN(entry.size, ParseSize(node.child_value("Size")));
    TRY_ASSIGN(entry.last_modified, ParseTime(node.child_value("LastModified")));
    listing.entries.push_back(std::move(entry));
  }
  listing.more = IsTrue(root, "IsTruncated");
  listing.next_token = root.child_value("NextContinuationToken");
  return listing;
}

Result<S3Uploads> ParseS3Uploads(std::string_view xml) {
  pugi::xml_document document;
  TRY_ASSIGN(const pugi::xml_node root, Root(document, xml, "ListMultipartUploadsResult"));
  S3Uploads uploads;
  for (const pugi::xml_node& node : root.children("Upload")) {
    S3Uploads::Entry entry{.key = node.child_value("Key"), .upload_id = node.child_value("UploadId")};
    if (entry.key.empty() || entry.upload_id.empty()) return Unreadable("an upload has no key or no id");
    TRY_ASSIGN(entry.initiated, ParseTime(node.child_value("Initiated")));
    uploads.entries.push_back(std::move(entry));
  }
  uploads.more = IsTrue(root, "IsTruncated");
  uploads.next_key = root.child_value("NextKeyMarker");
  uploads.next_upload_id = root.child_value("NextUploadIdMarker");
  if (uploads.more && uploads.next_key.empty()) return Unreadable("a page of uploads does not tell where to go on");
  return uploads;
}

Result<std::vector<S3DeleteFault>> ParseS3Deletion(std::string_view xml) {
  pugi::xml_document document;
  TRY_ASSIGN(const pugi::xml_node root, Root(document, xml, "DeleteResult"));
  std::vector<S3DeleteFault> faults;
  for (const pugi::xml_node& node : root.children("Error"))
    faults.push_back({node.child_value("Key"), {node.child_value("Code"), node.child_value("Message")}});
  return faults;
}

Result<std::string> ParseS3UploadId(std::string_view xml) {
  pugi::xml_document document;
  TRY_ASSIGN(const pugi::xml_node root, Root(document, xml, "InitiateMultipartUploadResult"));
  std::string id = root.child_value("UploadId");
  if (id.empty()) return Unreadable("an upload has no id");
  return id;
}

Result<S3Complaint> ParseS3Completion(std::string_view xml) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return Unreadable("it is no XML");
  if (document.child("CompleteMultipartUploadResult")) return S3Complaint{};
  S3Complaint complaint = ParseS3Complaint(xml);
  if (complaint.code.empty()) return Unreadable("it tells neither success nor an error");
  return complaint;
}

std::string S3DeletionXml(std::span<const std::string> keys) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("Delete");
  root.append_attribute("xmlns") = "http://s3.amazonaws.com/doc/2006-03-01/";
  root.append_child("Quiet").text() = "true";
  for (const std::string& key : keys) root.append_child("Object").append_child("Key").text() = key.c_str();
  return TextOf(document);
}

std::string S3CompletionXml(std::span<const std::string> etags) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("CompleteMultipartUpload");
  root.append_attribute("xmlns") = "http://s3.amazonaws.com/doc/2006-03-01/";
  int number = 0;
  for (const std::string& etag : etags) {
    pugi::xml_node part = root.append_child("Part");
    part.append_child("PartNumber").text() = ++number;
    part.append_child("ETag").text() = etag.c_str();
  }
  return TextOf(document);
}

}  // namespace sleeper::store
