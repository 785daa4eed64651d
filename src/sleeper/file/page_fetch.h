#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sleeper/base/buffer.h"
#include "sleeper/base/call_context.h"
#include "sleeper/file/background_reads.h"
#include "sleeper/file/scan_plan.h"
#include "sleeper/store/joined_ranges.h"
#include "sleeper/store/object_store.h"

namespace sleeper::file {

/// What a PageFetch reads from. The store must outlive it.
struct FetchSource {
  store::ObjectStore* store = nullptr;
  store::ObjectPath path;
  int64_t window_bytes_max = 0;
  /// If set, windows are read by it, and can be asked for before they are needed.
  BackgroundReads* background = nullptr;
};

/// Fetches the pages of several columns of one row group, a window at a time: the pages of all columns for some rows,
/// asked for together, in few ranges. Confined.
///
/// Unless more is asked for, held are about two windows: the one at hand and what some columns have left of the one
/// before. A window is at most as large as it may be, or a page of each column if that is more.
class PageFetch {
 public:
  /// What `call` points at must outlive it.
  PageFetch(FetchSource source, const CallContext& call, const std::vector<LeafPages>& leaves);

  /// The first bytes that are fetched of a leaf and not taken yet: the rest of a page and whole pages behind it. Empty
  /// only at the end of the leaf's pages.
  Result<Buffer> Front(size_t leaf);

  /// Takes the first `size` bytes of Front(). REQUIRES: it has them.
  void Take(size_t leaf, int64_t size);

  /// Takes all pages: those of the first leaf, those of the second, and so on, no page in two buffers.
  /// REQUIRES: none was taken before.
  Result<std::vector<Buffer>> TakeAll();

  /// Asks for the next window, without waiting for it. Its size; 0 if all were asked for.
  int64_t AskAhead();

  /// What was asked for, and not taken yet.
  int64_t bytes_ahead() const { return asked_bytes_ - taken_bytes_; }

 private:
  /// Reading so many bytes that nobody wants costs less than another request.
  static constexpr int64_t kGapBytesMax = 16 << 10;
  /// More is read by several requests at the same time, where the store can do that.
  static constexpr int64_t kRequestBytesMax = int64_t{4} << 20;

  /// A dictionary or a page.
  struct Part {
    int64_t first_row = 0;
    ByteRange bytes;
  };

  struct Leaf {
    /// In the order in which they are read.
    std::vector<Part> parts;
    /// The first one that was not asked for.
    size_t next = 0;
    std::deque<Buffer> fetched;
  };

  /// A window that was asked for and has not arrived.
  struct Window {
    /// What is wanted, and of which leaf.
    std::vector<ByteRange> wanted;
    std::vector<size_t> owners;
    int64_t bytes = 0;
    std::optional<store::JoinedRanges> joined;
    /// To joined->ranges(), if they are read in the background.
    std::vector<std::shared_ptr<BackgroundReads::Answer>> answers;
  };

  /// For each leaf, the first part behind the window that comes next.
  std::vector<size_t> EndOfWindow(int64_t bytes_max) const;
  Window NextWindow(int64_t bytes_max);
  /// Asks for a window and returns its size; 0 if all were asked for.
  int64_t Ask(int64_t bytes_max);
  /// Waits for the first window that was asked for.
  Status Receive();
  Result<std::vector<Buffer>> Read(const Window& window);

  FetchSource source_;
  CallContext call_;
  std::vector<Leaf> leaves_;
  std::deque<Window> asked_;
  int64_t asked_bytes_ = 0;
  int64_t taken_bytes_ = 0;
};

}  // namespace sleeper::file
