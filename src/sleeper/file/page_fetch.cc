#include "sleeper/file/page_fetch.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace sleeper::file {

PageFetch::PageFetch(store::ObjectStore& store, store::ObjectPath path, const CallContext& call,
                     std::vector<LeafPages> leaves, int64_t window_bytes_max)
    : store_(store), path_(std::move(path)), call_(call) {
  for (const LeafPages& pages : leaves) {
    Leaf leaf;
    if (pages.dictionary.size > 0) leaf.parts.push_back(pages.dictionary);
    for (const LeafPages::Page& page : pages.pages) leaf.parts.push_back(page.bytes);
    leaves_.push_back(std::move(leaf));
  }
  share_bytes_ = std::max<int64_t>(1, window_bytes_max / std::max<int64_t>(1, static_cast<int64_t>(leaves_.size())));
}

bool PageFetch::NextRange(Leaf& leaf, ByteRange& range) {
  if (leaf.next == leaf.parts.size()) return false;
  range = leaf.parts[leaf.next++];
  while (leaf.next < leaf.parts.size()) {
    const ByteRange& part = leaf.parts[leaf.next];
    if (part.offset != range.end() || range.size + part.size > share_bytes_) break;
    range.size += part.size;
    ++leaf.next;
  }
  return true;
}

Result<std::vector<Buffer>> PageFetch::ReadRanges(const std::vector<ByteRange>& ranges) {
  std::vector<size_t> order(ranges.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return ranges[a].offset < ranges[b].offset; });
  std::vector<ByteRange> joined;
  // Which of the joined ranges holds each range.
  std::vector<size_t> holder(ranges.size());
  for (const size_t i : order) {
    const ByteRange& range = ranges[i];
    if (joined.empty() || range.offset - joined.back().end() > kGapBytesMax) {
      joined.push_back(range);
    } else {
      joined.back().size = std::max(joined.back().end(), range.end()) - joined.back().offset;
    }
    holder[i] = joined.size() - 1;
  }
  Result<std::vector<Buffer>> answer = store_.GetRanges(path_, joined, call_);
  // The index lies behind all pages, so the object was longer once.
  if (IsKind(answer.status(), ErrorKind::kInvalid)) return WithKind(answer.status(), ErrorKind::kCorrupt);
  TRY_ASSIGN(const std::vector<Buffer> read, std::move(answer));
  std::vector<Buffer> buffers;
  for (size_t i = 0; i < ranges.size(); ++i) {
    const ByteRange& whole = joined[holder[i]];
    if (read[holder[i]].size() != whole.size) {
      return Error(ErrorKind::kCorrupt, "the store answered a read of ", whole.size, " bytes with ",
                   read[holder[i]].size());
    }
    buffers.push_back(read[holder[i]].Slice({ranges[i].offset - whole.offset, ranges[i].size}));
  }
  return buffers;
}

Status PageFetch::FetchWindow() {
  std::vector<ByteRange> ranges;
  std::vector<Leaf*> owners;
  for (Leaf& leaf : leaves_) {
    // Scattered pages make several ranges of one window.
    ByteRange range;
    int64_t bytes = leaf.fetched_bytes;
    while (bytes <= share_bytes_ / 2 && NextRange(leaf, range)) {
      ranges.push_back(range);
      owners.push_back(&leaf);
      bytes += range.size;
    }
  }
  TRY_ASSIGN(std::vector<Buffer> buffers, ReadRanges(ranges));
  for (size_t i = 0; i < ranges.size(); ++i) {
    owners[i]->fetched_bytes += buffers[i].size();
    owners[i]->fetched.push_back(std::move(buffers[i]));
  }
  return Status::OK();
}

Result<Buffer> PageFetch::Front(size_t index) {
  Leaf& leaf = leaves_[index];
  if (leaf.fetched.empty() && leaf.next < leaf.parts.size()) TRY(FetchWindow());
  if (leaf.fetched.empty()) return Buffer();
  return leaf.fetched.front();
}

void PageFetch::Take(size_t index, int64_t size) {
  Leaf& leaf = leaves_[index];
  Buffer& front = leaf.fetched.front();
  leaf.fetched_bytes -= size;
  if (size == front.size()) {
    leaf.fetched.pop_front();
  } else {
    front = front.Slice({size, front.size() - size});
  }
}

}  // namespace sleeper::file
