#include "sleeper/file/page_fetch.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace sleeper::file {

PageFetch::PageFetch(FetchSource source, const CallContext& call, const std::vector<LeafPages>& leaves)
    : source_(std::move(source)), call_(call) {
  for (const LeafPages& pages : leaves) {
    Leaf& leaf = leaves_.emplace_back();
    if (pages.dictionary.size > 0 && !pages.pages.empty()) {
      leaf.parts.push_back({pages.pages.front().first_row, pages.dictionary});
    }
    for (const LeafPages::Page& page : pages.pages) leaf.parts.push_back({page.first_row, page.bytes});
  }
}

std::vector<size_t> PageFetch::EndOfWindow(int64_t bytes_max) const {
  std::vector<size_t> ends;
  for (const Leaf& leaf : leaves_) ends.push_back(leaf.next);
  int64_t bytes = 0;
  for (;;) {
    // The pages that begin at the next row: of all columns, where pages are aligned.
    int64_t row = std::numeric_limits<int64_t>::max();
    for (size_t i = 0; i < leaves_.size(); ++i) {
      if (ends[i] < leaves_[i].parts.size()) row = std::min(row, leaves_[i].parts[ends[i]].first_row);
    }
    std::vector<size_t> further = ends;
    int64_t added = 0;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      const std::vector<Part>& parts = leaves_[i].parts;
      for (size_t& end = further[i]; end < parts.size() && parts[end].first_row == row; ++end) {
        added += parts[end].bytes.size;
      }
    }
    if (added == 0 || (bytes > 0 && bytes + added > bytes_max)) return ends;
    ends = std::move(further);
    bytes += added;
  }
}

PageFetch::Window PageFetch::NextWindow(int64_t bytes_max) {
  Window window;
  const std::vector<size_t> ends = EndOfWindow(bytes_max);
  for (size_t i = 0; i < leaves_.size(); ++i) {
    Leaf& leaf = leaves_[i];
    const size_t first = window.wanted.size();
    for (; leaf.next < ends[i]; ++leaf.next) {
      const ByteRange& part = leaf.parts[leaf.next].bytes;
      window.bytes += part.size;
      const bool extends = window.wanted.size() > first && window.wanted.back().end() == part.offset &&
                           window.wanted.back().size + part.size <= kRequestBytesMax;
      if (extends) {
        window.wanted.back().size += part.size;
      } else {
        window.wanted.push_back(part);
        window.owners.push_back(i);
      }
    }
  }
  return window;
}

int64_t PageFetch::Ask(int64_t bytes_max) {
  Window window = NextWindow(bytes_max);
  if (window.wanted.empty()) return 0;
  const int64_t bytes = window.bytes;
  asked_bytes_ += bytes;
  window.joined.emplace(window.wanted,
                        store::JoinLimits{.hole_bytes_max = kGapBytesMax, .range_bytes_max = kRequestBytesMax});
  if (source_.background != nullptr) {
    for (const ByteRange& range : window.joined->ranges()) {
      window.answers.push_back(source_.background->Start(source_.path, range, call_));
    }
  }
  asked_.push_back(std::move(window));
  return bytes;
}

int64_t PageFetch::AskAhead() { return Ask(source_.window_bytes_max); }

Result<std::vector<Buffer>> PageFetch::Read(const Window& window) {
  const std::vector<ByteRange>& ranges = window.joined->ranges();
  if (window.answers.empty()) return source_.store->GetRanges(source_.path, ranges, call_);
  std::vector<Buffer> read;
  for (const auto& answer : window.answers) {
    TRY_ASSIGN(Buffer bytes, answer->Wait());
    read.push_back(std::move(bytes));
  }
  return read;
}

Status PageFetch::Receive() {
  const Window window = std::move(asked_.front());
  asked_.pop_front();
  Result<std::vector<Buffer>> read = Read(window);
  // The index lies behind all pages, so the object was longer once.
  if (IsKind(read.status(), ErrorKind::kInvalid)) return WithKind(read.status(), ErrorKind::kCorrupt);
  TRY(read.status());
  for (size_t i = 0; i < read->size(); ++i) {
    const int64_t size = window.joined->ranges()[i].size;
    if ((*read)[i].size() == size) continue;
    return Error(ErrorKind::kCorrupt, "the store answered a read of ", size, " bytes with ", (*read)[i].size());
  }
  std::vector<Buffer> buffers = window.joined->Distribute(*read);
  for (size_t i = 0; i < buffers.size(); ++i) leaves_[window.owners[i]].fetched.push_back(std::move(buffers[i]));
  return Status::OK();
}

Result<Buffer> PageFetch::Front(size_t index) {
  const Leaf& leaf = leaves_[index];
  while (leaf.fetched.empty()) {
    if (asked_.empty() && AskAhead() == 0) return Buffer();
    TRY(Receive());
  }
  return leaf.fetched.front();
}

void PageFetch::Take(size_t index, int64_t size) {
  std::deque<Buffer>& fetched = leaves_[index].fetched;
  Buffer& front = fetched.front();
  taken_bytes_ += size;
  if (size == front.size()) {
    fetched.pop_front();
  } else {
    front = front.Slice({size, front.size() - size});
  }
}

Result<std::vector<Buffer>> PageFetch::TakeAll() {
  // What was not asked for yet comes with few requests.
  Ask(std::numeric_limits<int64_t>::max());
  while (!asked_.empty()) TRY(Receive());
  std::vector<Buffer> all;
  for (Leaf& leaf : leaves_) std::ranges::move(leaf.fetched, std::back_inserter(all));
  taken_bytes_ = asked_bytes_;
  return all;
}

}  // namespace sleeper::file
